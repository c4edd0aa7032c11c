// VMF_ASSERT stays on in release builds: where an invariant is broken, stopping is safe (the
// guardian settles the transaction from the journal) and going on is not.

#pragma once

namespace vmferry {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace vmferry

#define VMF_ASSERT(expression)                                                                                         \
    do {                                                                                                               \
        if (!(expression)) [[unlikely]] {                                                                              \
            ::vmferry::assertion_failed(#expression, __FILE__, __LINE__);                                              \
        }                                                                                                              \
    } while (false)
