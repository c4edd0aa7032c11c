#include "core/libvirt/description.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <array>

#include "core/libvirt/canonical_xml.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/domain_xml.hpp"
#include "core/libvirt/failure.hpp"
#include "core/libvirt/host_facts.hpp"
#include "core/libvirt/machine.hpp"

namespace vmferry::libvirt {

namespace {

template <typename HandleType, typename T>
std::vector<std::string> sorted_names(T** list, int count, const char* (*name_of)(T*))
{
    std::vector<std::string> names;
    for (const HandleType& one : take_list<HandleType>(list, count)) {
        names.emplace_back(name_of(one.get()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// A hypervisor without the feature has none of them.
bool is_unsupported(const Failure& failure)
{
    return failure.has_code(VIR_ERR_NO_SUPPORT) || failure.has_code(VIR_ERR_OPERATION_UNSUPPORTED);
}

Result<std::vector<std::string>> disk_errors_of(virDomainPtr domain)
{
    constexpr unsigned k_disks_max = 256;
    std::array<virDomainDiskError, k_disks_max> errors{};
    const int count = virDomainGetDiskErrors(domain, errors.data(), k_disks_max, 0);
    std::vector<std::string> targets;
    if (count < 0) {
        const Failure failure = Failure::last();
        if (is_unsupported(failure)) {
            return targets;
        }
        return fail(error_of(failure, "the domain's disk errors cannot be read"));
    }
    for (int i = 0; i < count; ++i) {
        targets.push_back(take_string(errors[static_cast<size_t>(i)].disk));
    }
    return targets;
}

Result<bool> has_pending_configuration(virDomainPtr domain, const std::string& live)
{
    VMF_TRY_ASSIGN(const std::string inactive, definition_of(domain, VIR_DOMAIN_XML_INACTIVE));
    VMF_TRY_ASSIGN(const std::string now, configuration_of(live));
    VMF_TRY_ASSIGN(const std::string next, configuration_of(inactive));
    return now != next;
}

/// All of them where the host does not tell them apart.
int external_snapshots_of(virDomainPtr domain)
{
    const int external = virDomainSnapshotNum(domain, VIR_DOMAIN_SNAPSHOT_LIST_EXTERNAL);
    return external < 0 ? virDomainSnapshotNum(domain, 0) : external;
}

}  // namespace

Result<std::vector<std::string>> snapshots_of(virDomainPtr domain)
{
    virDomainSnapshotPtr* list = nullptr;
    const int count = virDomainListAllSnapshots(domain, &list, 0);
    if (count < 0) {
        const Failure failure = Failure::last();
        if (is_unsupported(failure)) {
            return std::vector<std::string>();
        }
        return fail(error_of(failure, "the domain's snapshots cannot be listed"));
    }
    return sorted_names<SnapshotHandle>(list, count, virDomainSnapshotGetName);
}

Result<std::vector<std::string>> checkpoints_of(virDomainPtr domain)
{
    virDomainCheckpointPtr* list = nullptr;
    const int count = virDomainListAllCheckpoints(domain, &list, 0);
    if (count < 0) {
        const Failure failure = Failure::last();
        if (is_unsupported(failure)) {
            return std::vector<std::string>();
        }
        return fail(error_of(failure, "the domain's checkpoints cannot be listed"));
    }
    return sorted_names<CheckpointHandle>(list, count, virDomainCheckpointGetName);
}

Result<bool> autostart_of(virDomainPtr domain)
{
    int autostart = 0;
    if (virDomainGetAutostart(domain, &autostart) < 0) {
        return failed_call("the domain's autostart setting cannot be read");
    }
    return autostart != 0;
}

Result<bool> managed_save_of(virDomainPtr domain)
{
    const int answer = virDomainHasManagedSaveImage(domain, 0);
    if (answer < 0) {
        const Failure failure = Failure::last();
        if (is_unsupported(failure)) {
            return false;
        }
        return fail(error_of(failure, "it cannot be told whether the domain has a saved state"));
    }
    return answer == 1;
}

Result<std::vector<std::string>> block_jobs_of(virDomainPtr domain, const std::vector<model::Disk>& disks)
{
    std::vector<std::string> targets;
    for (const model::Disk& disk : disks) {
        if (disk.source.empty()) {
            continue;
        }
        virDomainBlockJobInfo info{};
        const int answer = virDomainGetBlockJobInfo(domain, disk.target.c_str(), &info, 0);
        if (answer < 0) {
            const Failure failure = Failure::last();
            if (is_unsupported(failure)) {
                return targets;
            }
            return fail(error_of(failure, "the block job of disk " + disk.target + " cannot be read"));
        }
        if (answer > 0) {
            targets.push_back(disk.target);
        }
    }
    return targets;
}

Result<model::DomainFacts> describe_now(virConnectPtr connection, const Uuid& uuid)
{
    VMF_TRY_ASSIGN(const DomainHandle domain, look_up(connection, uuid));
    VMF_TRY_ASSIGN(const bool active, is_active(domain.get()));
    VMF_TRY_ASSIGN(const bool persistent, is_persistent(domain.get()));
    VMF_TRY_ASSIGN(const std::string definition, definition_of(domain.get(), 0));
    VMF_TRY_ASSIGN(model::DomainFacts facts, read_domain(definition));
    if (active) {
        // The migratable form has the processor as the guest sees it, whatever the definition says. A
        // driver that knows no such form has nothing to add.
        if (const auto migratable = definition_of(domain.get(), VIR_DOMAIN_XML_MIGRATABLE)) {
            VMF_TRY_ASSIGN(facts.cpu_xml, cpu_of(*migratable));
        }
        if (is_passed_through(facts.cpu_mode) && facts.virt_type != "qemu") {
            VMF_TRY_ASSIGN(facts.cpu_xml, host_cpu_now(connection));
        }
        VMF_TRY_ASSIGN(facts.block_jobs, block_jobs_of(domain.get(), facts.disks));
        VMF_TRY_ASSIGN(facts.disk_errors, disk_errors_of(domain.get()));
    }
    if (active && persistent) {
        VMF_TRY_ASSIGN(facts.config_pending, has_pending_configuration(domain.get(), definition));
    }
    if (persistent) {
        VMF_TRY_ASSIGN(facts.autostart, autostart_of(domain.get()));
        VMF_TRY_ASSIGN(facts.managed_save, managed_save_of(domain.get()));
    }
    VMF_TRY_ASSIGN(const auto snapshots, snapshots_of(domain.get()));
    VMF_TRY_ASSIGN(const auto checkpoints, checkpoints_of(domain.get()));
    facts.snapshots = static_cast<int>(snapshots.size());
    facts.external_snapshots = snapshots.empty() ? 0 : external_snapshots_of(domain.get());
    facts.checkpoints = static_cast<int>(checkpoints.size());
    return facts;
}

}  // namespace vmferry::libvirt
