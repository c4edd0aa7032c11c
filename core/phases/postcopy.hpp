// The switch to post-copy: the guest goes on at the target while the rest of its memory is sent.
//
// From POSTCOPY on neither host alone holds the VM, and a host or link that is lost for good takes it along. So it
// happens only with the operator's consent, and is said before (engine::promise_given_up) and when it happens.

#pragma once

#include <string>

#include "core/engine/context.hpp"

namespace vmferry::phases {

/// Asks for the call of Finish, writes POSTCOPY durably, then asks the source to switch. Kind `failed`: the switch was
/// refused, nothing of it happens. After any other outcome it may come, and Finish must be answered.
[[nodiscard]] Result<> begin_postcopy(engine::Context& context, const std::string& why);

/// libvirt's client wants to call Finish. Where the source is seen in post-copy the target is let run; else it stays
/// paused until COMMIT, as ever: the memory had converged meanwhile, or nobody knows.
void answer_finish(engine::Context& context);

/// Takes note when the target is first seen running in post-copy.
void look_for_target(engine::Context& context);

}  // namespace vmferry::phases
