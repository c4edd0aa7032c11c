// The images of a move whose hosts do not share all disks: which disks are copied, when the source's images may go, and
// when the target's.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/engine/context.hpp"

namespace vmferry::engine {

/// Only these disks are not shared, as was proved: NOTE("copies") goes into the journal with the next entry, and the
/// plan speaks of no others any more.
void decide_copies(Context& context, const std::vector<std::string>& targets);
/// The plan of BEGIN, as far as it was decided since.
void apply_decided_copies(model::Plan& plan, std::span<const journal::Entry> entries);

/// The target's copy uses each copied image, and is defined with it. An error: it was not seen to.
[[nodiscard]] Result<> verify_copies(Context& context);
/// Removes the source's images, each unless a domain there names it, when the target was seen to use all of the copies.
[[nodiscard]] Result<> remove_copied_images(Context& context);
/// Takes an image at the target back. One in which the guest may have written since the switch is kept: an error.
[[nodiscard]] Result<> undo_copied_image(Context& context, const Json& intent);

/// Ends the connections of copies that are under way: one that waits for a dead peer would keep the migration, and the
/// guest perhaps, for many minutes. Only when the migration is to end.
void break_copies(Context& context);

/// For the body of ABORT_INTENT: what the target was seen to be when the way back was decided.
[[nodiscard]] Json abort_body(std::string_view target);
/// COMMIT let the target run, and no ABORT_INTENT since says that its copy was seen to have executed nothing.
[[nodiscard]] bool target_may_have_written(std::span<const journal::Entry> entries);

}  // namespace vmferry::engine
