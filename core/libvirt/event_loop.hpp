// libvirt's event loop: keepalive, close callbacks and domain events need it.

#pragma once

#include "core/base/result.hpp"

namespace vmferry::libvirt {

/// Initialises libvirt once for the process, silences its own messages on stderr, and starts the one
/// thread that runs its event loop for as long as the process lives. Must come before the first
/// connection is opened: a connection made without a loop never gets one.
[[nodiscard]] Result<> start_event_loop();

}  // namespace vmferry::libvirt
