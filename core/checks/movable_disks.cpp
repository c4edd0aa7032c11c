#include "core/checks/movable_disks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace vmferry::checks {

using model::Disk;
using model::DiskKind;
using model::DomainFacts;

namespace {

Error blocked(const char* id, std::string what, std::string next = "vmferry storage-move --help")
{
    return Error(ErrorKind::blocked, std::move(what)).with_id(id).with_next(std::move(next));
}

/// Empty: it can be moved.
std::string why_not(const Disk& disk)
{
    if (disk.device != "disk") {
        return fmt::format("is a {}, which has no image of the VM's own", disk.device);
    }
    if (disk.source.empty()) {
        return "has no image";
    }
    if (disk.read_only || disk.shareable || disk.transient) {
        return fmt::format("is {}: what others may rely on is not moved", disk.read_only   ? "read-only"
                                                                          : disk.shareable ? "shared with other VMs"
                                                                                           : "transient");
    }
    if (disk.kind != DiskKind::file) {
        return "is not a file: moving block devices and network disks is not supported";
    }
    if (disk.encrypted) {
        return "is encrypted: its secret would have to go with it, which is not supported";
    }
    if (disk.format != "raw" && disk.format != "qcow2") {
        return fmt::format("has the format '{}': only raw and qcow2 are copied", disk.format);
    }
    return {};
}

std::vector<std::string> names_of(const std::vector<Disk>& disks)
{
    std::vector<std::string> names;
    std::transform(disks.begin(), disks.end(), std::back_inserter(names), [](const Disk& disk) { return disk.target; });
    return names;
}

Result<std::vector<Disk>> named_disks(const DomainFacts& domain, const std::vector<std::string>& wanted)
{
    std::vector<Disk> chosen;
    for (const std::string& name : wanted) {
        const auto is_it = [&](const Disk& disk) { return disk.target == name; };
        const auto disk = std::find_if(domain.disks.begin(), domain.disks.end(), is_it);
        if (disk == domain.disks.end()) {
            return fail(Error(ErrorKind::not_found, fmt::format("{} has no disk '{}': it has {}", domain.name, name,
                                                                fmt::join(names_of(domain.disks), ", ")))
                            .with_next(fmt::format("virsh domblklist {}", domain.name)));
        }
        if (std::any_of(chosen.begin(), chosen.end(), is_it)) {
            return fail(ErrorKind::usage, fmt::format("disk '{}' is named twice", name));
        }
        if (const std::string reason = why_not(*disk); !reason.empty()) {
            return fail(blocked("VMF-E202", fmt::format("disk {} of {} {}", name, domain.name, reason)));
        }
        chosen.push_back(*disk);
    }
    return chosen;
}

}  // namespace

std::string why_not_movable(const Disk& disk) { return why_not(disk); }

Result<std::vector<Disk>> movable_disks(const DomainFacts& domain, const std::vector<std::string>& wanted)
{
    if (!wanted.empty()) {
        return named_disks(domain, wanted);
    }
    std::vector<Disk> chosen;
    std::copy_if(domain.disks.begin(), domain.disks.end(), std::back_inserter(chosen),
                 [](const Disk& disk) { return why_not(disk).empty(); });
    if (chosen.empty()) {
        return fail(blocked("VMF-E202", fmt::format("{} has no disk that can be moved", domain.name),
                            fmt::format("virsh domblklist --details {}", domain.name)));
    }
    return chosen;
}

Result<> disks_may_move(const DomainFacts& domain)
{
    const auto no = [&](const std::string& what, std::string next) {
        return fail(blocked("VMF-E201", fmt::format("{} {}", domain.name, what), std::move(next)));
    };
    const bool off = domain.now.state == model::RunState::shut_off;
    if (domain.now.state != model::RunState::running && !off) {
        return no(fmt::format("is {}: the disks of a VM are moved when it runs or is shut off",
                              model::to_string(domain.now.state)),
                  fmt::format("virsh domstate {}", domain.name));
    }
    if (!domain.now.persistent) {
        return no("is transient: its disks are not moved, for no definition would name the new ones",
                  "define it, or move it to another host");
    }
    if (domain.now.job_active) {
        return no("is worked on by another job", fmt::format("virsh domjobinfo {}", domain.name));
    }
    if (!domain.block_jobs.empty()) {
        return no(fmt::format("has a block job on disk {}", fmt::join(domain.block_jobs, ", ")),
                  fmt::format("virsh blockjob {} {}", domain.name, domain.block_jobs.front()));
    }
    if (domain.managed_save) {
        return no("has its memory saved, and that names its images",
                  fmt::format("virsh managedsave-remove {}; or start it", domain.name));
    }
    if (domain.snapshots > 0 || domain.checkpoints > 0) {
        return no(fmt::format("has {} snapshots and {} checkpoints, which would not go along", domain.snapshots,
                              domain.checkpoints),
                  fmt::format("virsh snapshot-list {}", domain.name));
    }
    if (!domain.disk_errors.empty()) {
        return no(fmt::format("has an error on disk {}", fmt::join(domain.disk_errors, ", ")),
                  fmt::format("virsh domblkerror {}", domain.name));
    }
    return {};
}

Result<> image_is_steady(const Disk& disk, const world::DiskState* state)
{
    // Of a VM that is off there is only the definition.
    const bool steady =
        state != nullptr && state->inactive == disk.source && (state->live.empty() || state->live == disk.source);
    if (!steady) {
        return fail(blocked("VMF-E202",
                            fmt::format("disk {} uses {}, but the definition names {}", disk.target, disk.source,
                                        state == nullptr || state->inactive.empty() ? "no such disk" : state->inactive),
                            "correct the definition first: virsh edit"));
    }
    if (state->inactive_format != disk.format) {
        return fail(blocked(
            "VMF-E202",
            fmt::format("disk {} is {}, but the definition says {}", disk.target, disk.format, state->inactive_format),
            "correct the definition first: virsh edit"));
    }
    if (!state->copy.empty()) {
        return fail(blocked("VMF-E202", fmt::format("disk {} is being copied to {}", disk.target, state->copy),
                            "virsh blockjob"));
    }
    return {};
}

}  // namespace vmferry::checks
