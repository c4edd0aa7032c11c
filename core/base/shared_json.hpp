// A JSON value that nobody changes any more: its copies share it.

#pragma once

#include <memory>
#include <utility>

#include "core/base/json.hpp"

namespace vmferry {

class SharedJson {
public:
    SharedJson() = default;  ///< An empty object.
    SharedJson(Json value) : m_value(std::make_shared<const Json>(std::move(value))) {}
    SharedJson(Json::initializer_list_t values) : SharedJson(Json(values)) {}

    [[nodiscard]] const Json& operator*() const { return m_value ? *m_value : empty(); }
    [[nodiscard]] const Json* operator->() const { return &**this; }
    operator const Json&() const { return **this; }

private:
    static const Json& empty()
    {
        static const Json s_empty = Json::object();
        return s_empty;
    }

    std::shared_ptr<const Json> m_value;
};

}  // namespace vmferry
