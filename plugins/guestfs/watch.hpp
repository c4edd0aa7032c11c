// Ends the work when time is up, or TERM came, in a way that leaves nothing behind.
//
// libguestfs keeps a directory in /tmp, and gives it away only when its handle is closed; which cannot be done while a
// call of it goes on. So the programs that it waits for are ended: the call fails, and the work comes to its end by
// itself.

#pragma once

#include "core/base/clock.hpp"
#include "plugins/guestfs/answer.hpp"

namespace vmferry::guestfs {

/// From now on, in a thread of its own. Where the work does not come to its end soon after, the answer is given
/// without. Once; `answer` must outlive the process.
void watch(Answer& answer, Milliseconds limit);

}  // namespace vmferry::guestfs
