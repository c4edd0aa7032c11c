// Whether a host can resolve a name: asked of the emulator itself, for libvirt has no such question.

#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/libvirt/connection.hpp"
#include "core/world/host.hpp"

namespace vmferry::libvirt {

/// Starts a tiny paused domain without network, whose one read-only disk is said to be at the name, on a
/// port where nobody serves disks. Its emulator does not start, and says why. Nothing remains: a twin
/// that starts all the same, or hangs, is ended, and dies with our connection.
[[nodiscard]] Result<world::Capabilities::Reach> resolve_by_twin(Connection& connection, const std::string& host);

}  // namespace vmferry::libvirt
