// A host: a libvirt end-point, and what it says about itself.

#pragma once

#include <cstdint>
#include <string>

#include "core/base/json.hpp"

namespace vmferry::model {

/// How the user names a host and where its daemon is reached.
struct HostAddress {
    std::string label;  ///< As the user and the journal call it: "kvm1".
    std::string uri;    ///< For virConnectOpenAuth; may carry secrets: never shown unredacted. Empty: libvirt's choice.
    std::string migrate_host;  ///< Host part of the migration URI, from the configuration; empty: libvirt's choice.
};

struct HostFacts {
    std::string label;
    std::string hostname;   ///< virConnectGetHostname.
    std::string host_uuid;  ///< From the capabilities; two hosts must differ.
    std::string arch;
    uint64_t libvirt_version = 0;     ///< 9000000 = 9.0.0.
    uint64_t hypervisor_version = 0;  ///< 7002000 = QEMU 7.2.0.
    uint64_t memory_total_bytes = 0;
    uint64_t memory_available_bytes = 0;  ///< Free, buffers and page cache.
    std::string security_model;           ///< "none", "apparmor", "selinux", "dac".
};

[[nodiscard]] Json to_json(const HostFacts& facts);

}  // namespace vmferry::model
