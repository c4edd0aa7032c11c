// Which stories are told: all single faults, all pairs, or random ones by seed.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tests/sim/story.hpp"

namespace vmferry::sim {

struct Options {
    std::string shape = {};   ///< Empty: all.
    uint64_t sample = 1;      ///< Of pairs, or of the disk's calls, one in so many.
    uint64_t seed = 1;        ///< Which of them.
    uint64_t stories = 1000;  ///< Of each seed.
    bool keep_going = false;  ///< Tell all bad stories, one for each kind, not only the first few.
    bool quiet = false;
    bool on_disk = false;  ///< Random stories with SQLite, and a disk that fails in half of them.
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
/// Every way in which the journal's disk fails, at every call of it.
[[nodiscard]] Summary explore_disk(const Options& options);
[[nodiscard]] Summary explore_seeds(const Options& options, uint64_t first, uint64_t last);
/// Tells "SHAPE/POINT:FAULT/..." with every point; 0 when it is good.
[[nodiscard]] int replay(const std::string& text, const Options& options);

/// "SHAPE[+forward|+host-dead][/POINT:FAULT]...[/disk[:CALL:FAULT]]", as --replay takes it.
[[nodiscard]] std::string to_string(const NamedShape& shape, const Story& story);
/// nullopt when malformed.
[[nodiscard]] std::optional<Story> parse_story(std::string text);

}  // namespace vmferry::sim
