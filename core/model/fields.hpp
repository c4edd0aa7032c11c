// Reads the fields of a JSON object that a journal, a plan file or a host gave us, without
// exceptions: the first field that is missing or of the wrong type is remembered and named.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/uuid.hpp"

namespace vmferry::model {

/// Borrowed view of one JSON object. After all fields were read, ask problem().
class Fields {
public:
    /// `what` names the object in the problem: "plan".
    Fields(const Json& object, std::string what);

    [[nodiscard]] std::string text(const char* key);
    [[nodiscard]] bool flag(const char* key);
    [[nodiscard]] int64_t integer(const char* key);
    [[nodiscard]] uint64_t natural(const char* key);
    [[nodiscard]] Milliseconds duration(const char* key);  ///< From 0 to a year: one that can be added to a time.
    [[nodiscard]] Uuid uuid(const char* key);
    [[nodiscard]] std::vector<std::string> texts(const char* key);
    /// Any value; a null one when it is missing, which is not a problem.
    [[nodiscard]] const Json& raw(const char* key) const;

    /// Says that `key` holds something that cannot be.
    void reject(const char* key, const std::string& why);
    /// The first thing that was wrong; empty when all was well.
    [[nodiscard]] const std::string& problem() const { return m_problem; }

private:
    const Json* find(const char* key);

    const Json& m_object;
    std::string m_what;
    std::string m_problem;
};

}  // namespace vmferry::model
