#include "core/model/finding.hpp"

#include <algorithm>

namespace vmferry::model {

std::string_view to_string(Severity severity)
{
    switch (severity) {
    case Severity::ok: return "ok";
    case Severity::info: return "info";
    case Severity::warn: return "warn";
    case Severity::error: return "error";
    }
    return "error";
}

bool blocks(const std::vector<Finding>& findings)
{
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.severity == Severity::error && !finding.accepted; });
}

Json to_json(const Finding& finding)
{
    Json json = {{"id", finding.id},           {"severity", std::string(to_string(finding.severity))},
                 {"subject", finding.subject}, {"message", finding.message},
                 {"facts", finding.facts},     {"accepted", finding.accepted}};
    if (!finding.remedy.empty()) {
        json["fix"] = finding.remedy;
    }
    return json;
}

}  // namespace vmferry::model
