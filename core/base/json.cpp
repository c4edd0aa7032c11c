#include "core/base/json.hpp"

namespace vmferry {

Result<Json> parse_json(const std::string& text)
{
    try {
        return Json::parse(text);
    } catch (const Json::exception& problem) {
        return fail(ErrorKind::usage, std::string("malformed JSON: ") + problem.what());
    }
}

std::string dump_json(const Json& value, int indent)
{
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vmferry
