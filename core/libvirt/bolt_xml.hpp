// The bolt of a definition: an entry that makes every start of the domain fail, see core/world/records.hpp.
//
// It is a firmware configuration entry (<sysinfo type='fwcfg'>) whose file does not exist: QEMU reads the file before
// anything else and ends. Unlike a device it takes no address, so the rest of the definition stays as it is.

#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

/// What QEMU says when somebody tries to start the domain names this file.
inline constexpr const char* k_bolt_file = "/nonexistent/vmferry-moves-this-VM--see-vmferry-status";

[[nodiscard]] Result<std::string> with_bolt(const std::string& definition);
[[nodiscard]] bool has_bolt(const xml::Document& definition);
void remove_bolt(const xml::Document& definition);

}  // namespace vmferry::libvirt
