// The look at the source with which a way back ends.

#pragma once

#include <span>

#include "core/engine/context.hpp"
#include "core/engine/phase.hpp"

namespace vmferry::engine {

/// What is at the source now, to be compared with the before image. libvirt's daemon keeps a VM's speed limit
/// in its memory only; one that has restarted during the move has forgotten it, and it is set again first. For its
/// first seconds such a daemon also leaves things out of a definition (aliases of devices), so a difference counts
/// when it stays for some seconds.
/// Kind `busy`: a job works on the VM.
[[nodiscard]] Result<model::BeforeImage> source_to_compare(Context& context, std::span<const Phase> phases);

}  // namespace vmferry::engine
