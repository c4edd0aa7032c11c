// Disks, network interfaces and the other devices of a definition.

#pragma once

#include <string>
#include <vector>

#include "core/libvirt/xml.hpp"
#include "core/model/domain.hpp"

namespace vmferry::libvirt {

[[nodiscard]] model::Disk read_disk(const xml::Element& disk);
[[nodiscard]] model::Nic read_nic(const xml::Element& interface);
/// Devices that decide whether a VM can move; others are left out.
[[nodiscard]] std::vector<model::Device> read_devices(const xml::Document& definition);
/// Ports that the definition fixes: "vnc 5901", "serial tcp 0.0.0.0:4444".
[[nodiscard]] std::vector<std::string> read_fixed_ports(const xml::Document& definition);

}  // namespace vmferry::libvirt
