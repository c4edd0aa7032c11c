// What a host says about itself. For use inside Connection::ask.

#pragma once

#include <libvirt/libvirt.h>

#include "core/base/result.hpp"
#include "core/model/host.hpp"

namespace vmferry::libvirt {

/// All of HostFacts but the label.
[[nodiscard]] Result<model::HostFacts> host_facts_now(virConnectPtr connection);

/// The <cpu> element of the host itself.
[[nodiscard]] Result<std::string> host_cpu_now(virConnectPtr connection);

/// The security model in a capabilities document: "selinux", "apparmor", "dac" or "none".
[[nodiscard]] Result<std::string> security_model_in(const std::string& capabilities);

[[nodiscard]] Result<uint64_t> free_huge_pages_now(virConnectPtr connection, uint64_t page_size_bytes);

}  // namespace vmferry::libvirt
