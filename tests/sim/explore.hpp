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
    /// The journal is SQLite on a disk; in half of the random stories the disk fails, too.
    bool on_disk = false;
    bool journal_lost = false;  ///< Random stories in which a tool that dies takes its journal along.
    uint64_t shard = 0;         ///< Only this of `shards` parts of the stories; not for random ones.
    uint64_t shards = 1;
    bool count_only = false;  ///< Of pairs: how many there are.
    std::string first = {};   ///< Of pairs: only those with this fault first; empty: all.
    std::string second = {};
    Operator by = Operator::plain;  ///< Who recovers in pairs.
    Checks checks = {};
};

struct Summary {
    uint64_t stories = 0;
    uint64_t bad = 0;
    uint64_t left_out = 0;  ///< Their second fault changes nothing: the story of the first is told.
    uint64_t counted = 0;
    std::map<std::string, uint64_t> outcomes;
    std::string first_bad;  ///< For --replay.
};

[[nodiscard]] Summary explore_singles(const Options& options);
/// After each first fault every second one that makes a difference where it strikes.
[[nodiscard]] Summary explore_pairs(const Options& options);
/// Every way in which the journal's disk fails, at every call of it.
[[nodiscard]] Summary explore_disk(const Options& options);
[[nodiscard]] Summary explore_seeds(const Options& options, uint64_t first, uint64_t last);
/// Tells "SHAPE/POINT:FAULT/..." with every point; 0 when it is good.
[[nodiscard]] int replay(const std::string& text, const Options& options);

/// "SHAPE[+forward|+host-dead|+journal-lost][/POINT:FAULT]...[/disk[:CALL:FAULT]]", as --replay takes it.
[[nodiscard]] std::string to_string(const NamedShape& shape, const Story& story);
/// nullopt when malformed.
[[nodiscard]] std::optional<Story> parse_story(std::string text);

}  // namespace vmferry::sim
