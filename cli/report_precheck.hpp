// The table of findings of `precheck`, and vmferry.precheck/1.

#pragma once

#include "cli/transact.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_precheck_schema = "vmferry.precheck/1";

/// The table (or one JSON document per VM, each on its line) on stdout; why it could not be checked on stderr.
void tell_precheck(Environment& environment, const Done& done);

[[nodiscard]] OrderedJson precheck_json(const Report& report);
[[nodiscard]] std::string precheck_text(const Done& done, const Palette& palette);

}  // namespace vmferry::cli
