#include "cli/two_hosts.hpp"

#include <fmt/format.h>

#include "cli/hosts_config.hpp"

namespace vmferry::cli {

using model::Side;

Result<std::pair<model::HostAddress, model::HostAddress>>
two_hosts(const Config& config, const std::vector<std::string>& names, const std::string& vm)
{
    if (names.size() != 2 || names.front() == names.back()) {
        return fail(Error(ErrorKind::usage, "--hosts names the two hosts between which the VM was moved")
                        .with_next(fmt::format("vmferry status --doctor {} --hosts SOURCE,TARGET", vm)));
    }
    VMF_TRY_ASSIGN(auto first, host_address(config, names.front()));
    VMF_TRY_ASSIGN(auto second, host_address(config, names.back()));
    return std::pair(std::move(first), std::move(second));
}

Result<FoundVm> find_on_either(engine::Hosts& hosts, const Config& config, const std::string& vm)
{
    std::optional<Error> away;
    for (const Side side : {Side::source, Side::target}) {
        const auto host = hosts.get(side, k_connect_limit);
        if (!host) {
            away = as_unknown_host(config, hosts.address(side), host.error());
            if (away->kind() == ErrorKind::unknown_host) {
                return fail(std::move(*away));
            }
            continue;
        }
        const auto uuid = (*host)->inspect().find(vm);
        if (uuid) {
            const auto facts = (*host)->inspect().describe(*uuid);
            return FoundVm{*uuid, facts ? facts->name : vm};
        }
        if (uuid.error().kind() != ErrorKind::not_found) {
            return fail(uuid.error());
        }
    }
    if (away) {
        return fail(std::move(*away));
    }
    return fail(
        Error(ErrorKind::not_found, fmt::format("no VM '{}' on {}, and none on {}", vm,
                                                hosts.address(Side::source).label, hosts.address(Side::target).label))
            .with_next("virsh -c URI list --all"));
}

}  // namespace vmferry::cli
