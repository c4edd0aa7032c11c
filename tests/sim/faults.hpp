// What can go wrong, as a catalogue: each fault strikes at one point of a story.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/parts.hpp"

namespace vmferry::sim {

enum class FaultKind {
    // At a point of the tool.
    tool_dies,
    refuse,          ///< The call (or protocol step) is refused: no effect.
    lose_request,    ///< The request gets lost: no effect, no answer.
    lose_reply,      ///< The effect happens, its reply is lost.
    late,            ///< No answer within the limit; the effect happens later.
    journal_fails,   ///< This write fails, and all others for `duration`.
    journal_unsure,  ///< The entry is durable, but the write returned an error; no more writes by this process.
    interrupt,
    // At a point of time, to a host.
    power_off,
    daemon_dies,
    daemon_hangs,
    cut,           ///< Link between tool and host, both ways; what is on its way arrives later.
    cut_requests,  ///< One way: what the tool sends does not arrive.
    cut_replies,   ///< One way: what the host sends does not arrive.
    reset,         ///< All connections of the tool to the host break at once.
    cut_stream,    ///< Link between the hosts.
    stick_stream,  ///< The same, with the source's emulator stuck in its send: nothing can be aborted.
    emulator_dies,
    guest_off,  ///< The guest shuts itself down.
    // By another administrator.
    human_resume,
    human_suspend,
    human_destroy,
    human_undefine,
    human_start,
    human_abort,
    human_unmark,
    human_job,  ///< A backup or the like: a job of the domain that is not ours.
};

/// How bad a fault is for what may be expected at the end.
enum class Harm {
    none,    ///< No memory can be lost: the VM must end in one of its two good states.
    memory,  ///< A copy may be lost.
    human,   ///< Somebody else acts on the VM.
};

struct FaultType {
    std::string_view name;  ///< "cut-target-60s".
    FaultKind kind;
    Harm harm = Harm::none;
    Side side = Side::source;
    Ms duration = 0;  ///< k_forever: until everything is healed.
};

inline constexpr size_t k_most_fault_types = 128;
/// All of them. The order is part of a seed's meaning.
[[nodiscard]] std::span<const FaultType> fault_types();
[[nodiscard]] const FaultType* find_fault(std::string_view name);

/// A fault at a point: "37:cut-target-60s".
struct Fault {
    int point = 0;
    const FaultType* type = nullptr;
};

/// Where a fault may strike.
enum class PointKind {
    before_act,  ///< A request that changes something is about to be sent.
    before_question,
    after_act,  ///< Its effect has happened, the reply has not arrived.
    after_question,
    before_write,  ///< A journal write is about to be made durable.
    after_write,
    step,  ///< The next step of libvirt's own protocol.
    wait,  ///< The tool waits for an event of the migration.
};

/// Whether `type` makes a difference at such a point.
[[nodiscard]] bool strikes_at(const FaultType& type, PointKind point);

[[nodiscard]] std::string to_string(const std::vector<Fault>& faults);
/// nullopt when malformed.
[[nodiscard]] std::optional<std::vector<Fault>> parse_faults(std::string_view text);

}  // namespace vmferry::sim
