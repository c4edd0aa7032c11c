// Whether a host can run a guest's processor and machine type. For use inside Connection::ask.

#pragma once

#include <libvirt/libvirt.h>

#include "core/base/result.hpp"
#include "core/world/host.hpp"

namespace vmferry::libvirt {

/// The guest has the host's processor as it is.
[[nodiscard]] bool is_passed_through(const std::string& cpu_mode);

/// For a processor that is passed through `cpu_xml` is the source host's own, as describe() gives it, and
/// only "identical" is a full yes.
[[nodiscard]] Result<world::Capabilities::CpuVerdict> compare_cpu_now(virConnectPtr connection,
                                                                      const model::DomainFacts& domain);
[[nodiscard]] Result<world::Capabilities::MachineVerdict> supports_machine_now(virConnectPtr connection,
                                                                               const model::DomainFacts& domain);

}  // namespace vmferry::libvirt
