// Whether a file system is whole: by mounting it read-only, and by its own checker.

#pragma once

#include "core/model/inspection.hpp"
#include "plugins/guestfs/appliance.hpp"

namespace vmferry::guestfs {

/// Fills `free_bytes`, `health` and `detail` of a file system whose type is known.
void check_health(const Appliance& appliance, const std::string& device, model::FileSystem& system);

}  // namespace vmferry::guestfs
