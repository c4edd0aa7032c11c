// The copy job of one disk. For use inside Connection::ask and act.

#pragma once

#include <libvirt/libvirt.h>

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/world/disks.hpp"

namespace vmferry::libvirt {

[[nodiscard]] Result<std::vector<world::DiskState>> disk_states_now(virDomainPtr domain);
[[nodiscard]] Result<world::DiskSize> disk_size_now(virDomainPtr domain, const std::string& target);
[[nodiscard]] Result<> start_copy_now(virDomainPtr domain, const world::CopyOrder& order);
/// Kind `not_found` when there is none.
[[nodiscard]] Result<world::CopyProgress> copy_progress_now(virDomainPtr domain, const std::string& target);
[[nodiscard]] Result<> unlimit_copy_now(virDomainPtr domain, const std::string& target);
[[nodiscard]] Result<> pivot_now(virDomainPtr domain, const std::string& target);
/// Ok when there is none, or the domain is off.
[[nodiscard]] Result<> end_copy_now(virDomainPtr domain, const std::string& target);
[[nodiscard]] Result<> set_inactive_now(virDomainPtr domain, const std::string& target, const std::string& path,
                                        const std::string& format);

}  // namespace vmferry::libvirt
