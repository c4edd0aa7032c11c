// One text for one definition: what two descriptions of the same domain have to share.

#pragma once

#include <string>

#include "core/base/result.hpp"

namespace vmferry::libvirt {

enum class Definition { live, inactive };

/// Canonical XML (C14N) without our marker and bolt, an empty <metadata/>, and white space between elements. Of
/// a live definition libvirt's own names of devices are left out, and the values that the guest or the emulator changes
/// by itself are masked by "*": they say nothing about whether a move left its traces.
[[nodiscard]] Result<std::string> canonical_xml(const std::string& definition, Definition which);

/// The same for live and inactive, reduced to what a restart of the guest would keep: two that differ
/// mean that a changed definition waits for the next start.
[[nodiscard]] Result<std::string> configuration_of(const std::string& definition);

}  // namespace vmferry::libvirt
