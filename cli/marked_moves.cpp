#include "cli/marked_moves.hpp"

#include <algorithm>

#include "cli/hosts_config.hpp"
#include "cli/session.hpp"
#include "core/base/secret.hpp"

namespace vmferry::cli {

using model::HostAddress;
using model::Side;

namespace {

std::optional<HostAddress>& side_of(MarkedMove& move, Side side)
{
    return side == Side::source ? move.source : move.target;
}

MarkedMove& move_of(MarkedMoves& found, const Uuid& transaction)
{
    const auto known = std::find_if(found.moves.begin(), found.moves.end(),
                                    [&](const MarkedMove& one) { return one.marker.transaction == transaction; });
    return known == found.moves.end() ? found.moves.emplace_back() : *known;
}

/// The plan travels with the marker; what cannot be read is told when it is needed.
void read_plan(MarkedMove& move)
{
    const auto json = move.marker.plan ? parse_json(*move.marker.plan) : fail(ErrorKind::not_found, "no plan");
    auto plan = json ? model::plan_from_json(*json) : Result<model::Plan>(fail(json.error()));
    if (plan) {
        move.plan = std::move(*plan);
    }
}

void add(MarkedMoves& found, const world::Inspector::Resident& resident, const HostAddress& host)
{
    const model::Marker& marker = *resident.marker;
    MarkedMove& move = move_of(found, marker.transaction);
    if (move.vm_name.empty() || marker.role == Side::target) {
        move.vm_name = resident.name;
        move.marker = marker;
        read_plan(move);
        move.plan.transaction = marker.transaction;
        move.plan.epoch = marker.epoch;
        move.plan.vm_uuid = resident.uuid;
        move.plan.vm_name = resident.name;
    }
    side_of(move, marker.role) = host;
}

/// A side without a marker: the plan names it, and the user has to name it too, so that it is the same host.
void find_other_side(MarkedMove& move, const std::vector<HostAddress>& hosts)
{
    for (const Side side : {Side::source, Side::target}) {
        const std::string& label = side == Side::source ? move.plan.source : move.plan.target;
        const std::string& uri = side == Side::source ? move.plan.source_uri : move.plan.target_uri;
        const auto named = std::find_if(hosts.begin(), hosts.end(), [&](const HostAddress& one) {
            return one.label == label || redact_uri(one.uri) == uri;
        });
        std::optional<HostAddress>& host = side_of(move, side);
        if (!host && named != hosts.end()) {
            host = *named;
        }
    }
}

}  // namespace

Result<MarkedMoves> marked_moves(world::World& world, const Config& config, const std::vector<std::string>& hosts)
{
    std::vector<HostAddress> addresses;
    for (const std::string& name : hosts) {
        VMF_TRY_ASSIGN(HostAddress address, host_address(config, name));
        addresses.push_back(std::move(address));
    }
    MarkedMoves found;
    for (const HostAddress& address : addresses) {
        auto host = world.hypervisor.open(address, k_connect_limit);
        auto residents = host ? (*host)->inspect().residents()
                              : Result<std::vector<world::Inspector::Resident>>(
                                    fail(as_unknown_host(config, address, std::move(host).error())));
        if (!residents && residents.error().kind() == ErrorKind::unknown_host) {
            return fail(std::move(residents).error());
        }
        if (!residents) {
            found.away.push_back(address.label);
            found.problem = std::move(residents).error();
            continue;
        }
        for (const world::Inspector::Resident& resident : *residents) {
            if (resident.marker) {
                add(found, resident, address);
            }
        }
    }
    for (MarkedMove& move : found.moves) {
        find_other_side(move, addresses);
    }
    return found;
}

}  // namespace vmferry::cli
