#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/clock.hpp"
#include "core/checks/network_location.hpp"
#include "core/checks/reach_memory.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 2> k_topics{{
    {"VMF-H002", "the target has a name that means the target",
     "Unless an address is configured, the source sends the memory to the host name that the target "
     "gives itself. A target that calls itself 'localhost', or like the source, makes the source talk to "
     "itself. Give the target a name of its own (hostnamectl hostname NAME), or name a migration network "
     "or address in the configuration ([host.NAME] migrate_network)."},
    {"VMF-H003", "the source can resolve the target's name",
     "The source's emulator looks the target up by name. It is asked to do just that, with a paused "
     "helper that has no disk or network of its own and is gone afterwards; a success is remembered for "
     "a day for this pair of hosts. An error means that the name is unknown there. Add the target to the "
     "DNS or to /etc/hosts of the source (getent hosts TARGET must answer), or name an address in the "
     "configuration."},
}};
constexpr const Topic& k_name = k_topics[0];
constexpr const Topic& k_resolved = k_topics[1];

/// "kvm1" and "KVM1.example.org" are one name, "kvm1.a" and "kvm1.b" are two.
bool same_name(std::string_view left, std::string_view right)
{
    const bool both_qualified = left.find('.') != std::string_view::npos && right.find('.') != std::string_view::npos;
    if (!both_qualified) {
        left = left.substr(0, left.find('.'));
        right = right.substr(0, right.find('.'));
    }
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

/// Where the source's emulator will connect to.
std::string destination(const CheckContext& context)
{
    return context.migrate_host.empty() ? context.target_facts.hostname : context.migrate_host;
}

model::Finding judge_name(const CheckContext& context)
{
    const std::string name = destination(context);
    const std::string& source = context.source_facts.label;
    const std::string& target = context.target_facts.label;
    const std::string remedy =
        fmt::format("on {}: hostnamectl hostname NAME; or set migrate_network in [host.{}] of the "
                    "configuration",
                    target, target);
    if (name.empty()) {
        return error(k_name, "host name", fmt::format("{} does not tell its host name", target), remedy);
    }
    if (reach_of(name) == Reach::loopback) {
        return error(k_name, "host name",
                     fmt::format("{} would be reached as '{}', which is {} itself", target, name, source), remedy,
                     {{"name", name}});
    }
    if (same_name(name, context.source_facts.hostname)) {
        return error(k_name, "host name", fmt::format("{} and {} both call themselves '{}'", source, target, name),
                     remedy, {{"name", name}});
    }
    return ok(k_name, "host name", fmt::format("{} is reached as {}", target, name), {{"name", name}});
}

model::Finding resolved(const CheckContext& context, const std::string& name, const std::string& how)
{
    return ok(k_resolved, "host name", fmt::format("{} resolves {}{}", context.source_facts.label, name, how));
}

model::Finding judge_resolution(CheckContext& context)
{
    const std::string name = destination(context);
    const std::string& source = context.source_facts.label;
    if (is_numeric_address(name)) {
        return ok(k_resolved, "host name", fmt::format("{} is an address: nothing to resolve", name));
    }
    const HostPair pair{context.source_facts.host_uuid, context.target_facts.host_uuid, name};
    const bool remembers = !context.cache_directory.empty();
    if (remembers && is_reach_remembered(context.cache_directory, pair, wall_clock_ms())) {
        return resolved(context, name, " (seen within the last day)");
    }
    const std::string remedy =
        fmt::format("on {}: getent hosts {}; add it to the DNS or to /etc/hosts, or set migrate_network", source, name);
    const auto reach = context.source.capabilities().resolve_from_here(name);
    if (!reach) {
        return unanswered(k_resolved, "host name", fmt::format("can {} resolve {}", source, name), reach.error(),
                          model::Severity::warn, remedy);
    }
    if (!reach->resolved) {
        return error(
            k_resolved, "host name",
            fmt::format("{} cannot resolve {}{}{}", source, name, reach->detail.empty() ? "" : ": ", reach->detail),
            remedy);
    }
    if (remembers) {
        remember_reach(context.cache_directory, pair, wall_clock_ms());
    }
    return resolved(context, name, reach->detail.empty() ? "" : fmt::format(" ({})", reach->detail));
}

std::vector<model::Finding> run(CheckContext& context)
{
    if (!context.domain.now.active()) {
        return {not_applicable(k_name, "host name", "the VM is off: the hosts send nothing to each other")};
    }
    const model::Finding name = judge_name(context);
    if (name.severity == model::Severity::error) {
        return {name, info(k_resolved, "host name", "not checked: the name is of no use (VMF-H002)", {},
                           {{"checked", false}})};
    }
    return {name, judge_resolution(context)};
}

}  // namespace

VMF_REGISTER_CHECK(host_names, k_topics, run);

}  // namespace vmferry::checks
