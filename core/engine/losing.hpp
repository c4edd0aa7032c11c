// What is said when the memory of a VM is gone.

#pragma once

#include <span>

#include "core/engine/phase.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

/// What is intact, and the commands that start the VM from its disks.
void describe_loss(Context& context, const Situation& situation);

/// The same for who pays the debts later: in the body of END, and read from it.
void keep_loss(const Outcome& outcome, Json& end);
void recall_loss(Outcome& outcome, const Json& end);

/// Past RESUMED the definition at the target is the VM's own, perhaps the only one: nothing is taken
/// back, and the source is cleaned when that host is there again.
void leave_for_target(Context& context);

/// Takes the ledger back. The source's part of a memory that was lost in post-copy keeps libvirt's job, and that lets
/// nothing be set; a part that is left at the target, unless that host is fenced, may run until it needs the rest: as
/// long as there is one, what is open at the source, its autostart above all, is owed.
void undo_after_loss(Context& context, std::span<const Phase> phases, bool target_fenced);

}  // namespace vmferry::engine
