#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 3> k_topics{{
    {"VMF-P002", "no other job works on the VM",
     "A migration, save, dump, backup or snapshot in progress holds the VM; libvirt refuses a second "
     "job, and vmferry does not stop what somebody else began. Wait until it has ended (virsh domjobinfo "
     "VM) or end it yourself (virsh domjobabort VM), then try again."},
    {"VMF-P003", "no block job works on a disk",
     "A block copy, commit, pull or backup rewrites the disk's image chain while it runs. libvirt "
     "refuses to migrate then, and a mirror that is ready but not pivoted means that somebody is in the "
     "middle of moving the disk. Look with virsh blockjob VM DISK, let it finish, or end it with virsh "
     "blockjob VM DISK --abort."},
    {"VMF-P004", "no disk is in error",
     "A disk that reported an error (no space, I/O error) has requests that were never completed. After "
     "a switch the target would be blamed for the trouble of the storage, and the way back leads to the "
     "same broken disk. Look with virsh domblkerror VM, cure the storage, resume the VM and try again."},
}};
constexpr const Topic& k_job = k_topics[0];
constexpr const Topic& k_block_job = k_topics[1];
constexpr const Topic& k_disk_error = k_topics[2];

std::vector<model::Finding> run(CheckContext& context)
{
    const model::DomainFacts& domain = context.domain;
    std::vector<model::Finding> findings;
    if (domain.now.job_active) {
        findings.push_back(
            error(k_job, "VM " + domain.name, "another job works on the VM",
                  fmt::format("virsh domjobinfo {}; wait, or: virsh domjobabort {}", domain.name, domain.name)));
    } else {
        findings.push_back(ok(k_job, "VM " + domain.name, "no other job"));
    }
    for (const std::string& disk : domain.block_jobs) {
        findings.push_back(error(k_block_job, "disk " + disk, "a block job works on the disk",
                                 fmt::format("virsh blockjob {} {}; wait, or add --abort", domain.name, disk)));
    }
    if (domain.block_jobs.empty()) {
        findings.push_back(ok(k_block_job, "disks", "no block job"));
    }
    for (const std::string& disk : domain.disk_errors) {
        findings.push_back(error(
            k_disk_error, "disk " + disk, "the disk reported an error",
            fmt::format("virsh domblkerror {}; cure the storage, then: virsh resume {}", domain.name, domain.name)));
    }
    if (domain.disk_errors.empty()) {
        findings.push_back(ok(k_disk_error, "disks", "no disk error"));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(vm_jobs, k_topics, run);

}  // namespace vmferry::checks
