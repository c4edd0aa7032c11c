// What a command works with in its own process.

#pragma once

#include "cli/events.hpp"
#include "cli/output.hpp"
#include "cli/palette.hpp"
#include "cli/progress.hpp"
#include "cli/settings.hpp"
#include "core/engine/interrupt.hpp"

namespace vmferry::cli {

class JournaldReporter;

struct Environment {
    const Settings& settings;
    Output& output;
    Progress& progress;
    engine::Reporter& reporter;  ///< Everybody who wants to know, `progress` among them.
    Events* events;              ///< nullptr: nobody asked for any.
    JournaldReporter* journald;  ///< nullptr: there is no journald, or nothing to tell it.
    engine::Interrupt& interrupt;
    Palette out;  ///< Colours of stdout.
    Palette err;  ///< Colours of stderr.
};

}  // namespace vmferry::cli
