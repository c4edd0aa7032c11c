#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace vmferry::fuzz {

namespace {

constexpr Target k_targets[] = {
    {"units", read_units},
    {"uri", read_uri},
    {"configuration", read_configuration},
    {"plan_file", read_plan_file},
    {"documents", read_documents},
    {"domain", read_domain},
    {"marker", read_marker},
    {"journal", read_journal},
    {"hook_output", read_hook_output},
    {"inspection", read_inspection},
};

}  // namespace

std::span<const Target> targets() { return k_targets; }

const Target* find_target(std::string_view name)
{
    const auto* found = std::find_if(std::begin(k_targets), std::end(k_targets),
                                     [&](const Target& target) { return target.name == name; });
    return found == std::end(k_targets) ? nullptr : found;
}

void require(bool holds, std::string_view what)
{
    if (!holds) {
        std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(what.size()), what.data());
        std::abort();
    }
}

}  // namespace vmferry::fuzz
