// Old images that a storage-move has kept, for its way back, and their return tickets.
//
// A ticket is a copy from the new image to the old one with synchronous writes. It goes on in the emulator when vmferry
// has ended: as long as the VM runs, both images are the same, and the way back is a change in one pause. A VM that is
// stopped ends it. The kept image is an old one then, and the way back a whole copy: nothing is trusted but what the
// running VM shows.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/context.hpp"

namespace vmferry::engine {

/// The ledger's name for them; open until they are in use again or released.
inline constexpr std::string_view k_kept = "kept:source";

/// Paths of the images that this transaction has kept and not released.
[[nodiscard]] std::vector<std::string> kept_images(std::span<const journal::Entry> entries);

/// LEDGER("ticket:vda") and its start, for each disk that has none yet.
[[nodiscard]] Result<> start_return_tickets(Context& context);

/// Ends the tickets, removes the kept images, and writes that into the journal. One that a domain of the host uses
/// (again) stays where it is, with a warning.
[[nodiscard]] Result<> release_kept_images(Context& context);

}  // namespace vmferry::engine
