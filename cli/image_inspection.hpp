// The inspector of images that this machine has, as the configuration wants it.

#pragma once

#include "cli/command.hpp"
#include "cli/config.hpp"
#include "core/engine/context.hpp"
#include "core/plugin/guestfs_inspector.hpp"

namespace vmferry::cli {

[[nodiscard]] plugin::GuestfsInspector::Settings inspector_settings(const Config& config);

/// --verify guestfs of a move.
void declare_verify(OptionSet& options, bool& verify);
/// Gives the planned move its inspector. VMF-E227 where that would not do: it is not installed, or the VM runs.
[[nodiscard]] Result<> prepare_verify(engine::Context& context, const Config& config,
                                      plugin::GuestfsInspector& inspector);

}  // namespace vmferry::cli
