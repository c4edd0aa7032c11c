// How an announcement went, for people and for programs.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/announcer.hpp"
#include "core/base/json.hpp"
#include "core/engine/outcome.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_announce_schema = "vmferry.announce/1";

struct Announced {
    model::DomainFacts domain;
    std::string host;
    std::string method;
    int rounds = 0;
    std::vector<AnnouncedInterface> interfaces;
    bool verified = false;
};

[[nodiscard]] std::string announce_text(const Announced& announced);
[[nodiscard]] OrderedJson announce_json(const Announced& announced, const std::optional<Error>& error,
                                        engine::ExitCode code);

}  // namespace vmferry::cli
