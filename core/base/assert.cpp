#include "core/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace vmferry {

void assertion_failed(const char* expression, const char* file, int line)
{
    std::fprintf(stderr, "vmferry: internal error: %s does not hold (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace vmferry
