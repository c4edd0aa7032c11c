// Failpoints: named places where a test makes the real binary crash, fail, wait or stop.
//
// - Built only with VMFERRY_FAILPOINTS (on for tests, off in packages); otherwise `hit` is empty.
// - Armed by the environment: VMFERRY_FAILPOINTS="NAME=ACTION[;NAME=ACTION...]", a NAME may end in
//   '*'. ACTION: crash | error | delay:MS | pause:FILE (writes FILE.reached, waits until FILE exists)
//   | crash-group (also ends the guardian) and may carry "@N": only from the N-th hit on, once.
// - The process that settles after a crash must not die of the same failpoint: crash actions are
//   armed only in the process whose role is named by VMFERRY_FAILPOINT_ROLE (default "worker").
// - VMFERRY_FAILPOINT_LOG=FILE appends each name that was passed, so that a test can list them.

#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace vmferry::failpoint {

#ifdef VMFERRY_FAILPOINTS
/// Passes the point `name`; an armed `error` action comes back as an Error of kind `failed`.
[[nodiscard]] Result<> hit(std::string_view name);
/// The same of "effect.NAME.WHEN".
[[nodiscard]] Result<> hit_effect(std::string_view name, std::string_view when);
/// "worker" or "recovery"; set once by the process at its start.
void set_role(std::string_view role);
#else
[[nodiscard]] inline Result<> hit(std::string_view /*name*/) { return {}; }
[[nodiscard]] inline Result<> hit_effect(std::string_view /*name*/, std::string_view /*when*/) { return {}; }
inline void set_role(std::string_view /*role*/) {}
#endif

}  // namespace vmferry::failpoint
