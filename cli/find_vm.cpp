#include "cli/find_vm.hpp"

#include <fmt/format.h>

#include <future>

#include "cli/hosts_config.hpp"
#include "cli/session.hpp"

namespace vmferry::cli {

using model::Side;

namespace {

constexpr Milliseconds k_question{5000};

Result<> as_opened(engine::Hosts& hosts, Side side, const Config& config)
{
    const auto opened = hosts.get(side, k_connect_limit);
    if (opened) {
        return {};
    }
    return fail(as_unknown_host(config, hosts.address(side), opened.error()));
}

Error unknown_vm(engine::Hosts& hosts, const std::string& vm, Error error)
{
    const model::HostAddress& source = hosts.address(Side::source);
    const std::string connect = source.uri.empty() ? "" : fmt::format(" -c '{}'", source.label);
    return Error(ErrorKind::not_found,
                 fmt::format("no VM '{}' on {}, and none on {}", vm, source.label, hosts.address(Side::target).label))
        .with_cause(error.cause())
        .with_next(source.uri == source.label || source.uri.empty()
                       ? fmt::format("virsh{} list --all", connect)
                       : fmt::format("check the name: virsh list --all on {}", source.label));
}

/// Two names of one daemon. What cannot be asked is left to the prechecks.
bool is_same_host(engine::Hosts& hosts)
{
    if (hosts.address(Side::source).uri == hosts.address(Side::target).uri) {
        return true;
    }
    auto target = std::async(std::launch::async, [&] { return hosts.at(Side::target).capabilities().facts(); });
    const auto source = hosts.at(Side::source).capabilities().facts();
    const auto other = target.get();
    return source && other && !source->host_uuid.empty() && source->host_uuid == other->host_uuid &&
           source->hostname == other->hostname;
}

engine::Location location_of(const model::HostAddress& host, const model::Observation& seen)
{
    return {host.label, std::string(model::to_string(seen.state)), true};
}

}  // namespace

Result<> open_hosts(engine::Hosts& hosts, const Config& config)
{
    auto target = std::async(std::launch::async, [&] { return as_opened(hosts, Side::target, config); });
    const auto source = as_opened(hosts, Side::source, config);
    const auto other = target.get();
    VMF_TRY(source);
    VMF_TRY(other);
    return {};
}

Result<Uuid> find_vm(engine::Hosts& hosts, const std::string& vm)
{
    auto found = hosts.at(Side::source).inspect().find(vm);
    if (found || found.error().kind() != ErrorKind::not_found) {
        return found;
    }
    auto at_target = hosts.at(Side::target).inspect().find(vm);
    if (at_target || at_target.error().kind() != ErrorKind::not_found) {
        return at_target;
    }
    return fail(unknown_vm(hosts, vm, std::move(found).error()));
}

Result<std::optional<AlreadyThere>> already_there(engine::Hosts& hosts, const Uuid& vm, const std::string& name)
{
    auto asked = std::async(std::launch::async, [&] { return hosts.observe(Side::target, vm, k_question); });
    const model::Observation source = hosts.observe(Side::source, vm, k_question);
    const model::Observation target = asked.get();
    for (const auto& [seen, side] : {std::pair(&source, Side::source), std::pair(&target, Side::target)}) {
        if (!seen->reachable) {
            return fail(ErrorKind::unreachable,
                        fmt::format("{} does not answer: {}", hosts.address(side).label, seen->problem));
        }
    }
    const model::HostAddress& there = hosts.address(Side::target);
    if (target.exists && is_same_host(hosts)) {
        return AlreadyThere{
            fmt::format("{} is on {} already: source and target are the same host. Nothing to do.", name, there.label),
            location_of(there, target),
            {}};
    }
    if (source.active() || !target.exists || (source.exists && !target.active())) {
        return std::nullopt;
    }
    AlreadyThere already{
        fmt::format("{} is on {} already ({}). Nothing to do.", name, there.label, model::describe(target)),
        location_of(there, target),
        {}};
    if (source.exists) {
        already.warnings.push_back(
            fmt::format("a definition of {} that is off is still on {}", name, hosts.address(Side::source).label));
    }
    return already;
}

}  // namespace vmferry::cli
