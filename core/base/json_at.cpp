#include "core/base/json_at.hpp"

namespace vmferry {

namespace {

const Json* find(const Json& object, const char* key)
{
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::string text_at(const Json& object, const char* key)
{
    const Json* value = find(object, key);
    return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

bool flag_at(const Json& object, const char* key)
{
    const Json* value = find(object, key);
    return value != nullptr && value->is_boolean() && value->get<bool>();
}

int64_t integer_at(const Json& object, const char* key, int64_t otherwise)
{
    const Json* value = find(object, key);
    return value != nullptr && value->is_number_integer() ? value->get<int64_t>() : otherwise;
}

std::vector<std::string> texts_at(const Json& object, const char* key)
{
    std::vector<std::string> texts;
    const Json* list = find(object, key);
    if (list == nullptr || !list->is_array()) {
        return texts;
    }
    for (const Json& text : *list) {
        if (text.is_string()) {
            texts.push_back(text.get<std::string>());
        }
    }
    return texts;
}

}  // namespace vmferry
