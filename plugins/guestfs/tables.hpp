// Partition tables.

#pragma once

#include "plugins/guestfs/answer.hpp"
#include "plugins/guestfs/appliance.hpp"

namespace vmferry::guestfs {

/// Adds table and partitions to the images of the answer.
void look_at_tables(const Appliance& appliance, Answer& answer);

}  // namespace vmferry::guestfs
