#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-P023", "fixed ports are free at the target",
     "A console, serial line or display with a fixed TCP port, or with a path of its own, needs that "
     "port or path at the target too. What is in use there is not visible through libvirt, so it is only "
     "listed. When it is taken the target cannot start its copy, and the move ends where it began. Look "
     "on the target (ss -ltn), or let libvirt choose: <graphics ... autoport='yes'/>."},
}};
constexpr const Topic& k_ports = k_topics[0];

std::vector<model::Finding> run(CheckContext& context)
{
    const std::string subject = "ports";
    if (context.domain.fixed_ports.empty()) {
        return {not_applicable(k_ports, subject, "no fixed port")};
    }
    const std::string& target = context.target_facts.label;
    return {warn(k_ports, subject,
                 fmt::format("must be free on {}, not checked: {}", target, join(context.domain.fixed_ports)),
                 fmt::format("on {}: ss -ltnp", target), {{"ports", context.domain.fixed_ports}, {"checked", false}})};
}

}  // namespace

VMF_REGISTER_CHECK(fixed_ports, k_topics, run);

}  // namespace vmferry::checks
