#include <fmt/format.h>

#include <array>

#include "core/checks/disks.hpp"
#include "core/checks/network_location.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-S003", "network disks name the same object for both hosts",
     "An iSCSI, RBD, NBD, Gluster, NFS or SSH disk is opened by the emulator itself, from the location "
     "in the definition. Both hosts are given the same location, so they mean the same object as long as "
     "the server in it is the same machine for both. An error means that it is not, or that it cannot be "
     "known: a loopback address or UNIX socket is each host itself, a link-local address depends on the "
     "cable, and an RBD disk without monitors takes them from a file on each host. Give the server a "
     "name or address that both hosts reach, write it into the definition (virsh edit) and restart the "
     "VM. Accept it by --accept VMF-S003 only when you know where both hosts end up. Whether the target "
     "may log in to the server is not asked: if it may not, the move fails before the guest is touched."},
}};
constexpr const Topic& k_location = k_topics[0];

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Disk& disk : context.domain.disks) {
        if (!needs_sharing(disk) || place_of(disk) != Place::network) {
            continue;
        }
        const std::string doubt = doubt_about(disk.source, disk.read_only);
        context.proofs.disk_shared(disk.target, doubt.empty());
        if (doubt.empty()) {
            findings.push_back(ok(k_location, subject_of(disk),
                                  fmt::format("{} is the same object for both hosts", disk.source),
                                  {{"location", disk.source}, {"shared", true}}));
        } else {
            findings.push_back(
                error(k_location, subject_of(disk), fmt::format("not proved to be shared: {}: {}", disk.source, doubt),
                      fmt::format("virsh edit {}: name a server that {} and {} reach alike, then restart it",
                                  context.domain.name, context.source_facts.label, context.target_facts.label),
                      {{"location", disk.source}, {"shared", false}}));
        }
    }
    return or_not_applicable(std::move(findings), k_location, "disks", "no network disk");
}

}  // namespace

VMF_REGISTER_CHECK(network_disks, k_topics, run);

}  // namespace vmferry::checks
