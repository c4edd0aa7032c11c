// Prepares both sides: driver connection, marker, autostart, migration settings, and the names of what libvirt will
// create at the target.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

[[nodiscard]] engine::Phase reserve_phase();

}  // namespace vmferry::phases
