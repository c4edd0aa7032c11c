// The switch of a move whose last reply is not in our hand (SwitchMode::fence).

#pragma once

#include "core/engine/context.hpp"

namespace vmferry::phases {

/// Writes COMMIT and sees to it that the source has ended where it stood: by our own fence or, where libvirt's Confirm
/// was quicker, by that. Ok: the source executes nothing any more and has executed nothing since its memory was
/// copied; the target may start. Defers FENCED, which is no second write while the guest stands.
///
/// Before COMMIT every error means the way back. After it, what the hosts show decides (Stage::fencing).
[[nodiscard]] Result<> commit_and_fence(engine::Context& context);

}  // namespace vmferry::phases
