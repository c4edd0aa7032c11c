#include "cli/since.hpp"

#include <fmt/format.h>

#include <ctime>

#include "core/base/units.hpp"

namespace vmferry::cli {

Result<int64_t> parse_since(const std::string& text, int64_t now_ms)
{
    if (const auto ago = parse_duration(text)) {
        return now_ms - ago->count();
    }
    for (const char* form : {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"}) {
        std::tm parts{};
        const char* end = ::strptime(text.c_str(), form, &parts);
        if (end != nullptr && *end == '\0') {
            return int64_t{::timegm(&parts)} * 1000;
        }
    }
    return fail(Error(ErrorKind::usage, fmt::format("'{}' is not a time", text))
                    .with_next("give it as 24h (ago), 2026-11-21, or 2026-11-21T18:25:00Z (UTC)"));
}

}  // namespace vmferry::cli
