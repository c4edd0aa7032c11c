#include "core/model/fields.hpp"

namespace vmferry::model {

Fields::Fields(const Json& object, std::string what) : m_object(object), m_what(std::move(what))
{
    if (!m_object.is_object()) {
        m_problem = m_what + " is not a JSON object";
    }
}

const Json* Fields::find(const char* key)
{
    if (!m_object.is_object()) {
        return nullptr;
    }
    const auto found = m_object.find(key);
    if (found == m_object.end()) {
        reject(key, "is missing");
        return nullptr;
    }
    return &*found;
}

void Fields::reject(const char* key, const std::string& why)
{
    if (m_problem.empty()) {
        m_problem = m_what + ": \"" + key + "\" " + why;
    }
}

std::string Fields::text(const char* key)
{
    const Json* value = find(key);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_string()) {
        reject(key, "is not a text");
        return {};
    }
    return value->get<std::string>();
}

bool Fields::flag(const char* key)
{
    const Json* value = find(key);
    if (value == nullptr) {
        return false;
    }
    if (!value->is_boolean()) {
        reject(key, "is neither true nor false");
        return false;
    }
    return value->get<bool>();
}

int64_t Fields::integer(const char* key)
{
    const Json* value = find(key);
    if (value == nullptr) {
        return 0;
    }
    const bool fits =
        value->is_number_integer() && (!value->is_number_unsigned() || value->get<uint64_t>() <= uint64_t{INT64_MAX});
    if (!fits) {
        reject(key, "is not a whole number");
        return 0;
    }
    return value->get<int64_t>();
}

Milliseconds Fields::duration(const char* key)
{
    constexpr int64_t k_longest_ms = int64_t{366} * 24 * 3600 * 1000;
    const int64_t written = integer(key);
    if (written < 0 || written > k_longest_ms) {
        reject(key, "is not a duration");
        return {};
    }
    return Milliseconds(written);
}

uint64_t Fields::natural(const char* key)
{
    const Json* value = find(key);
    if (value == nullptr) {
        return 0;
    }
    const bool fits = value->is_number_integer() && (value->is_number_unsigned() || value->get<int64_t>() >= 0);
    if (!fits) {
        reject(key, "is not a whole number from 0 on");
        return 0;
    }
    return value->get<uint64_t>();
}

Uuid Fields::uuid(const char* key)
{
    const std::string written = text(key);
    if (!m_problem.empty()) {
        return {};
    }
    auto parsed = Uuid::parse(written);
    if (!parsed) {
        reject(key, "is not a UUID");
        return {};
    }
    return *parsed;
}

std::vector<std::string> Fields::texts(const char* key)
{
    std::vector<std::string> all;
    const Json* value = find(key);
    if (value == nullptr) {
        return all;
    }
    if (!value->is_array()) {
        reject(key, "is not a list");
        return all;
    }
    for (const Json& item : *value) {
        if (!item.is_string()) {
            reject(key, "holds something that is not a text");
            return all;
        }
        all.push_back(item.get<std::string>());
    }
    return all;
}

const Json& Fields::raw(const char* key) const
{
    static const Json k_null;
    if (!m_object.is_object()) {
        return k_null;
    }
    const auto found = m_object.find(key);
    return found == m_object.end() ? k_null : *found;
}

}  // namespace vmferry::model
