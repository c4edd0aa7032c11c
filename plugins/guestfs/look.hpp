// Looks at everything that an appliance shows.

#pragma once

#include "plugins/guestfs/answer.hpp"
#include "plugins/guestfs/appliance.hpp"

namespace vmferry::guestfs {

/// Adds partitions, file systems, volume groups and operating systems to the answer; its images are in there
/// already. Stops where the appliance does.
void look(const Appliance& appliance, Answer& answer);

}  // namespace vmferry::guestfs
