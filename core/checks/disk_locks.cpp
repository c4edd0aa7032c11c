#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-S021", "disk locks and leases",
     "A lock manager (virtlockd or sanlock, lock_manager in qemu.conf) would stop a second copy of a VM "
     "from opening its disks. Whether the hosts use one is written in files that libvirt does not show, "
     "so it is not checked. vmferry does not rely on it: the target executes nothing before the journal "
     "says so. QEMU's own locks protect image files on file systems that have locks; raw network and "
     "block disks have none. Look on both hosts: grep lock_manager /etc/libvirt/qemu.conf."},
}};
constexpr const Topic& k_locks = k_topics[0];

std::vector<model::Finding> run(CheckContext& /*context*/)
{
    return {info(k_locks, "locks", "not checked: lock manager of the hosts (libvirt does not show it)",
                 "on both hosts: grep lock_manager /etc/libvirt/qemu.conf", {{"checked", false}})};
}

}  // namespace

VMF_REGISTER_CHECK(disk_locks, k_topics, run);

}  // namespace vmferry::checks
