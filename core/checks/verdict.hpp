// Findings in few words: checks say what they saw, these functions give it its form.

#pragma once

#include <string>

#include "core/checks/check.hpp"

namespace vmferry::checks {

[[nodiscard]] model::Finding ok(const Topic& topic, std::string subject, std::string message,
                                Json facts = Json::object());
/// The VM has nothing that this condition could concern.
[[nodiscard]] model::Finding not_applicable(const Topic& topic, std::string subject, std::string message);
[[nodiscard]] model::Finding info(const Topic& topic, std::string subject, std::string message, std::string remedy = {},
                                  Json facts = Json::object());
[[nodiscard]] model::Finding warn(const Topic& topic, std::string subject, std::string message, std::string remedy,
                                  Json facts = Json::object());
[[nodiscard]] model::Finding error(const Topic& topic, std::string subject, std::string message, std::string remedy,
                                   Json facts = Json::object());
/// A question that the world did not answer. It has `severity` when the host answered but could not
/// tell; a host that does not answer at all is always an error.
[[nodiscard]] model::Finding unanswered(const Topic& topic, std::string subject, const std::string& question,
                                        const Error& why, model::Severity severity, std::string remedy);

/// True when a host gave no answer, as opposed to one we do not like.
[[nodiscard]] bool is_silence(const Error& error);
/// "--accept VMF-S007".
[[nodiscard]] std::string accept_option(const Topic& topic);
/// "vda, vdb".
[[nodiscard]] std::string join(const std::vector<std::string>& words);

}  // namespace vmferry::checks
