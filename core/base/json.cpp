#include "core/base/json.hpp"

namespace vmferry {

namespace {

/// Deeper than anything of ours: the stack would not suffice to write it again.
constexpr int k_most_nested = 64;

}  // namespace

Result<Json> parse_json(const std::string& text)
{
    bool too_deep = false;
    const auto look = [&](int depth, Json::parse_event_t event, const Json& /*value*/) {
        const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        const bool taken = !opens || depth < k_most_nested;
        too_deep = too_deep || !taken;
        return taken;
    };
    try {
        Json json = Json::parse(text, look);
        if (too_deep) {
            return fail(ErrorKind::usage, "malformed JSON: it is nested too deeply");
        }
        return json;
    } catch (const Json::exception& problem) {
        return fail(ErrorKind::usage, std::string("malformed JSON: ") + problem.what());
    }
}

std::string dump_json(const Json& value, int indent)
{
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vmferry
