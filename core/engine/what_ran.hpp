// What ran on either host since the migrate call, as far as any look has shown it: it counts, though nothing may show
// it any more. Kept in the process, and for the next one by NOTE(recovery).

#pragma once

#include <span>

#include "core/engine/context.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

/// In the body of NOTE(recovery).
inline constexpr const char* k_target_has_run = "target_has_run";
inline constexpr const char* k_source_started_anew = "source_started_anew";

/// What one look shows counts, though the next may show nothing of it. Before COMMIT nobody but a human, or libvirt
/// where it was meant to, lets the target run. Where both copies run, a human has to choose, and what the other did
/// before binds nobody.
void remember_what_runs(Context& context, Stage stage, const model::Observation& source,
                        const model::Observation& target);
/// What earlier recoveries have noted.
void recall_what_ran(Context& context, std::span<const journal::Entry> entries);

/// COMMIT was written beside a complete copy with our marker, and a host knows a UUID once: what runs there since is
/// that copy, or what somebody started in its place. Either is the VM, whoever took the marker.
[[nodiscard]] TargetIs owner_without_marker(Stage stage, TargetIs is, const model::Observation& target);

/// A target that has run owns the VM, whoever started it: just what COMMIT says.
[[nodiscard]] Situation after_a_run(Situation is);

}  // namespace vmferry::engine
