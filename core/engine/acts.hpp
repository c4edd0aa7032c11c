// The few acts that both a run and its recovery do. Each looks first and may run twice.

#pragma once

#include "core/engine/context.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

/// Lets the target's complete copy run (or, for a VM that its user had paused, opens its images) and
/// sees that it does. COMMIT must be durable; it is written into the copy's marker first, so that the hosts
/// alone tell who owns the VM. Where that fails, a copy with a rival at the source (`source_stands`) is not
/// started; without one it is, with a warning. Kind `failed`: it provably executed nothing. Any other kind:
/// it may run, now or later.
[[nodiscard]] Result<> start_target(Context& context, bool source_stands);

/// Once RESUMED is durable: the target's marker says so, too. A failure is only logged: what the
/// marker then tells is less, not wrong.
void mark_resumed(Context& context);

/// Looks at the target's copy: an error of kind `otherwise` when it is not `wanted`.
[[nodiscard]] Result<> see_target(Context& context, TargetIs wanted, ErrorKind otherwise);

/// Ends the copy of this transaction at the target, loaded or only defined, and sees that it is gone.
/// Refuses a copy that has run, and never touches a domain without our marker.
[[nodiscard]] Result<> end_target(Context& context);

/// Ends the source's copy after the switch: a copy that stands or is off, never one that runs, nor that
/// of a paused VM whose copy at the target is not seen there.
[[nodiscard]] Result<> end_source(Context& context);

/// Brings the source back into the run state it had: resumes a VM that stands for the switch. A VM
/// that its user had paused is left so; when its emulator keeps it in `postmigrate`, a short
/// resume and suspend (LEDGER "blip:source", some milliseconds of guest time, reported) makes it
/// movable again. Kind `unreachable` or `busy` while the source does not answer or a job works on it.
[[nodiscard]] Result<> restore_source(Context& context);

/// Asks for the end of a migrate call of this process that is still in flight, and waits until it has
/// returned or its complete target is in our hand (context.reply_held): then nothing moves by itself.
void quiesce(Context& context);

/// How long the migrate call may take to return once the target has been decided for. Who drives it gives up a peer
/// that it cannot reach: a daemon only after its own keepalive (30 s by default: 5 s x 6).
[[nodiscard]] Milliseconds return_limit(const Context& context);

/// Gives up a held reply: libvirt's own Confirm(cancelled) resumes the source, and the call returns.
/// The target's copy must have been ended before, or be forbidden to run (no COMMIT).
void drop_reply(Context& context);

}  // namespace vmferry::engine
