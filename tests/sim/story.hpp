// One story: a move with faults, the recoveries that follow, and what must be true at the end.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/moved_ends.hpp"
#include "tests/sim/sim_disk.hpp"
#include "tests/sim/universe.hpp"

namespace vmferry::sim {

/// What the administrator says when he runs the recovery.
enum class Operator {
    plain,
    forward,    ///< `rollback --forward`.
    host_dead,  ///< `--host-dead HOST`, which is true: that host has no power when he says so.
    /// With the tool died its journal, too: `rollback --from-hosts`. The debris of a probe stays then.
    journal_lost,
};

struct Story {
    Shape shape = {};
    std::vector<Fault> faults = {};
    Operator by = Operator::plain;
    /// The journal is SQLite on a disk; otherwise it is in memory.
    bool on_disk = false;
    std::optional<DiskFault> disk_fault = {};
};

struct Verdict {
    std::vector<std::string> violations;
    std::string ending;             ///< Outcome of each process, for people: "died, rolled-back".
    std::vector<std::string> said;  ///< What each process said, in full.
    std::string outcome;            ///< Of the last END; empty when there is none.
    int points = 0;                 ///< Met before everything was healed.
    int64_t disk_calls = 0;         ///< Until then.
    bool all_struck = true;
    Harm harm = Harm::none;
};

/// Which checks a story is put to.
struct Checks {
    bool rules = true;  ///< I8, at each act.
    bool again = true;  ///< Afterwards the VM is moved once more.
};

/// `moved`: ends of stories told before, from which this one need not move the VM again; null: it always does.
[[nodiscard]] Verdict run_story(const Story& story, const Checks& checks = {},
                                std::vector<PointRecord>* record = nullptr, MovedEnds* moved = nullptr);

/// All shapes, by name.
struct NamedShape {
    std::string_view name;
    Shape shape;
};
[[nodiscard]] const std::vector<NamedShape>& shapes();
[[nodiscard]] const NamedShape* find_shape(std::string_view name);

}  // namespace vmferry::sim
