// What a command works with in its own process.

#pragma once

#include "cli/output.hpp"
#include "cli/palette.hpp"
#include "cli/progress.hpp"
#include "cli/settings.hpp"
#include "core/engine/interrupt.hpp"

namespace vmferry::cli {

struct Environment {
    const Settings& settings;
    Output& output;
    Progress& progress;
    engine::Interrupt& interrupt;
    Palette out;  ///< Colours of stdout.
    Palette err;  ///< Colours of stderr.
};

}  // namespace vmferry::cli
