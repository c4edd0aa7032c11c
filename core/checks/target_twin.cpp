#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 2> k_topics{{
    {"VMF-P011", "the target has no VM of the same UUID",
     "A migration that keeps the VM persistent silently overwrites a definition of the same UUID at the "
     "target, and a copy that runs there already would be a second one on the same disks. Such a twin is "
     "mostly left over from an earlier move. With a marker of vmferry on it the transaction is named and "
     "can be settled. Without one look at both definitions, decide which is right, and remove the other "
     "on its host: virsh undefine VM --keep-nvram. Never start it to have a look."},
    {"VMF-P012", "the target has no other VM of the same name",
     "Names are unique on a host: libvirt refuses the move when another VM at the target has the name, "
     "running or only defined. Rename one of the two while it is off: virsh domrename OLD NEW."},
}};
constexpr const Topic& k_uuid = k_topics[0];
constexpr const Topic& k_name = k_topics[1];

using Resident = world::Inspector::Resident;

model::Finding twin(const CheckContext& context, const Resident& resident)
{
    const std::string subject = "VM " + context.domain.name;
    const std::string& target = context.target_facts.label;
    Json facts = {{"name", resident.name}, {"active", resident.active}};
    if (resident.marker) {
        const std::string& other = resident.marker->transaction.str();
        facts["transaction"] = other;
        return error(k_uuid, subject,
                     fmt::format("{} has a {} copy of it, left by transaction {}", target,
                                 resident.active ? "running or paused" : "defined", other),
                     fmt::format("vmferry rollback {}", other), std::move(facts));
    }
    if (resident.active) {
        return error(k_uuid, subject, fmt::format("a VM of its UUID is active on {}", target),
                     fmt::format("vmferry status --doctor {} --hosts {},{}", context.domain.name,
                                 context.source_facts.label, target),
                     std::move(facts));
    }
    return error(k_uuid, subject,
                 fmt::format("{} has an old definition of its UUID, which would be overwritten", target),
                 fmt::format("on {}: virsh dumpxml {} >old.xml; virsh undefine {} --keep-nvram", target, resident.name,
                             resident.name),
                 std::move(facts));
}

std::vector<model::Finding> run(CheckContext& context)
{
    const auto& residents = context.target_residents;
    const std::string subject = "VM " + context.domain.name;
    const std::string& target = context.target_facts.label;
    const auto same_uuid = std::find_if(residents.begin(), residents.end(),
                                        [&](const Resident& resident) { return resident.uuid == context.domain.uuid; });
    const auto same_name = std::find_if(residents.begin(), residents.end(), [&](const Resident& resident) {
        return resident.name == context.domain.name && resident.uuid != context.domain.uuid;
    });
    return {
        same_uuid == residents.end() ? ok(k_uuid, subject, fmt::format("{} does not know its UUID", target))
                                     : twin(context, *same_uuid),
        same_name == residents.end()
            ? ok(k_name, subject, fmt::format("its name is free on {}", target))
            : error(k_name, subject,
                    fmt::format("another VM on {} has its name (UUID {})", target, same_name->uuid.str()),
                    fmt::format("rename one of them while it is off: virsh domrename {} NEW", context.domain.name))};
}

}  // namespace

VMF_REGISTER_CHECK(target_twin, k_topics, run);

}  // namespace vmferry::checks
