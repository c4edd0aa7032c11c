// A domain as a plan needs it: its definition's facts, and what its daemon adds.

#pragma once

#include <libvirt/libvirt.h>

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/libvirt/handles.hpp"
#include "core/model/domain.hpp"

namespace vmferry::libvirt {

/// All of DomainFacts but `now`. For use inside Connection::ask.
[[nodiscard]] Result<model::DomainFacts> describe_now(virConnectPtr connection, const Uuid& uuid);

/// Targets ("vda") of the disks that have a block job; none for a domain that is off.
[[nodiscard]] Result<std::vector<std::string>> block_jobs_of(virDomainPtr domain,
                                                             const std::vector<model::Disk>& disks);
/// Names, sorted.
[[nodiscard]] Result<std::vector<std::string>> snapshots_of(virDomainPtr domain);
[[nodiscard]] Result<std::vector<std::string>> checkpoints_of(virDomainPtr domain);
[[nodiscard]] Result<bool> autostart_of(virDomainPtr domain);
[[nodiscard]] Result<bool> managed_save_of(virDomainPtr domain);

}  // namespace vmferry::libvirt
