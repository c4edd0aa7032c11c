// What is remembered of a host pair between runs: that the source could resolve the target's name.
//
// - Only success is remembered; an answer is old after a day, and one from the future is none.
// - One small JSON file for each pair and name, replaced atomically. Whoever can write the directory
//   can save us one question, not more: a wrong answer makes the move fail before the guest is touched.
// - Nothing here can fail a check: what cannot be read or written is as if it were not there.

#pragma once

#include <cstdint>
#include <string>

namespace vmferry::checks {

struct HostPair {
    std::string source_uuid;
    std::string target_uuid;
    std::string name;  ///< What the source resolved.
};

[[nodiscard]] bool is_reach_remembered(const std::string& directory, const HostPair& pair, int64_t now_ms);
void remember_reach(const std::string& directory, const HostPair& pair, int64_t now_ms);

}  // namespace vmferry::checks
