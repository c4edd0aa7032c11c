// How a transaction ended, in the words of the interface: outcome, exit code, and where the VM is.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/model/before_image.hpp"
#include "core/model/finding.hpp"
#include "core/model/schedule.hpp"

namespace vmferry::engine {

enum class OutcomeKind {
    committed,
    committed_degraded,  ///< At the target, verified; a step after the switch is still owed or failed.
    rolled_back,
    rolled_back_debts,  ///< Original state, verified; leftovers are recorded as debts.
    not_as_before,      ///< At the source and known, but not equal to the before image.
    in_doubt,           ///< Cannot be proven; nothing was started or destroyed. Still open.
    lost,               ///< The memory is gone; the disks are intact.
    refused,            ///< A precheck said no; nothing was touched.
    checked,            ///< A precheck said yes; nothing was touched.
};

[[nodiscard]] std::string_view to_string(OutcomeKind kind);  // "committed-degraded"
[[nodiscard]] std::optional<OutcomeKind> parse_outcome(std::string_view text);

/// Exit codes are part of the interface (man 7 vmferry-exit-codes).
enum class ExitCode : int {
    ok = 0,
    failed_clean = 1,
    plan_has_moves = 2,
    blocked = 10,
    rolled_back = 20,
    rolled_back_debts = 21,
    committed_degraded = 22,
    in_doubt = 30,
    rollback_failed = 31,
    usage = 64,
    bad_plan = 65,
    not_found = 66,
    unknown_host = 68,
    unreachable = 69,
    internal = 70,
    journal_io = 74,
    temp_fail = 75,
    no_permission = 77,
    config = 78,
    interrupted = 130,
    terminated = 143,
};

/// For an error before any change: the VM is untouched.
[[nodiscard]] ExitCode exit_code_untouched(ErrorKind kind);

/// Where the VM is, as far as it was proven.
struct Location {
    std::string host;   ///< Label; empty when unknown.
    std::string state;  ///< "running", "paused", "shut off".
    bool proven = false;
};

struct Outcome {
    OutcomeKind kind = OutcomeKind::in_doubt;
    Location location;
    std::optional<Error> error;         ///< What made it fail, if anything did.
    int stop_signal = 0;                ///< SIGINT or SIGTERM when the operator asked for the way back.
    std::string reason;                 ///< The recovery row's reason, for in-doubt and lost.
    std::vector<std::string> intact;    ///< Lost: what is left of the VM.
    std::vector<std::string> commands;  ///< In doubt: the exact commands that settle it.
    std::vector<model::Difference> differences;
    std::vector<std::string> debts;
    std::vector<std::string> warnings;
    std::string promise_given_up;  ///< By the way it was moved; empty: none.
    std::vector<model::Finding> findings;
    std::optional<Milliseconds> downtime;  ///< Guest stopped until it ran at the target.
    Milliseconds duration{0};
    uint64_t memory_bytes_sent = 0;
    uint64_t passes = 0;
    uint64_t disk_bytes_copied = 0;
    Json announced;  ///< Who answered after the announcement, and after how many rounds; null: nobody was asked.
    std::optional<model::ScheduleTrace> schedule;  ///< Of a move whose memory phase began.

    [[nodiscard]] ExitCode exit_code() const;
    [[nodiscard]] bool changed() const
    {
        return kind == OutcomeKind::committed || kind == OutcomeKind::committed_degraded;
    }
};

}  // namespace vmferry::engine
