// A finding: the verdict of one read-only precheck on one subject.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"

namespace vmferry::model {

enum class Severity { ok, info, warn, error };

[[nodiscard]] std::string_view to_string(Severity severity);

struct Finding {
    std::string id;  ///< "VMF-S001"; stable, searchable, the key of `vmferry explain`.
    Severity severity = Severity::ok;
    std::string subject;  ///< "cpu", "disk vda", "network br0".
    std::string message;  ///< One line.
    Json facts = Json::object();
    std::string remedy;     ///< What to do; empty for ok.
    bool accepted = false;  ///< An error that the operator accepted by its id.
};

/// True when an error that is not accepted is among them.
[[nodiscard]] bool blocks(const std::vector<Finding>& findings);
[[nodiscard]] Json to_json(const Finding& finding);

}  // namespace vmferry::model
