// The VM's own migration limits, downtime and speed: what a move does to them, and that they go along.
//
// Neither is in a definition. The downtime limit is the emulator's; the speed limit is only in the memory of
// libvirt's daemon, which forgets it when it restarts (libvirt: qemuDomainObjPrivate::migMaxBandwidth).

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

/// Low for the start of the schedule; put back on the way back.
[[nodiscard]] engine::Step downtime_at_source();
/// The move leaves it alone, so only the way back has something to do, when the daemon has forgotten it.
[[nodiscard]] engine::Step bandwidth_at_source();

/// The target's emulator and daemon start with the defaults; the VM's own settings follow it.
[[nodiscard]] engine::Step downtime_at_target();
[[nodiscard]] engine::Step bandwidth_at_target();

}  // namespace vmferry::phases
