// Which stories are told: all single faults, all pairs, or random ones by seed.

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/sim/story.hpp"

namespace vmferry::sim {

struct Options {
    std::string shape = {};   ///< Empty: all.
    uint64_t sample = 1;      ///< Of pairs, one in so many.
    uint64_t stories = 1000;  ///< Of each seed.
    bool keep_going = false;  ///< Tell all bad stories, one for each kind, not only the first few.
    bool quiet = false;
    Checks checks = {};
};

struct Summary {
    uint64_t stories = 0;
    uint64_t bad = 0;
    std::map<std::string, uint64_t> outcomes;
    std::string first_bad;  ///< For --replay.
};

[[nodiscard]] Summary explore_singles(const Options& options);
[[nodiscard]] Summary explore_pairs(const Options& options);
[[nodiscard]] Summary explore_seeds(const Options& options, uint64_t first, uint64_t last);
/// Tells "SHAPE/POINT:FAULT/..." with every point; 0 when it is good.
[[nodiscard]] int replay(const std::string& text, const Options& options);

/// As --replay takes it.
[[nodiscard]] std::string to_string(const NamedShape& shape, const std::vector<Fault>& faults,
                                    Operator by = Operator::plain);

}  // namespace vmferry::sim
