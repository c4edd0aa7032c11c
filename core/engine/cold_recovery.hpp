// Recovery of the move of a VM that is off, as data: which act settles it, given the last decisive entry and what the
// two hosts show. The counterpart of recovery.hpp, where there is memory to be lost; RECOVERY.md tells it with its
// reasons, tests/unit/core/engine/cold_recovery_test enumerates every combination.

#pragma once

#include <span>
#include <string_view>

#include "core/engine/copied_images.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

/// What the source knows of the VM.
enum class ColdSourceIs : unsigned {
    unreachable,  ///< No answer.
    off,          ///< Its definition, off.
    runs,         ///< Somebody has started it, and its definition is there.
    transient,    ///< It runs, and its definition is gone: nothing is left of it here when it ends.
    gone,         ///< Nothing.
};
inline constexpr unsigned k_cold_source_count = 5;

/// What the target knows of it. `defined` and `runs` carry this transaction's marker.
enum class ColdTargetIs : unsigned {
    unreachable,
    none,      ///< Nothing.
    foreign,   ///< A definition without our marker, off: never touched.
    unmarked,  ///< It runs without our marker: never touched.
    defined,   ///< Our definition, off. Until the source's is gone it is bolted.
    runs,      ///< Our definition, and somebody has started it.
};
inline constexpr unsigned k_cold_target_count = 6;

enum class ColdAction {
    back,     ///< Undo the ledger; the VM is off at the source, compared.
    started,  ///< The same, but somebody has started it at the source, and so it stays.
    forward,  ///< COMMIT if it is missing; the source's definition goes, the target's is unbolted.
    gone,     ///< Somebody has removed the VM: clean up, say so.
    doubt,    ///< Change nothing; say why.
};

[[nodiscard]] std::string_view to_string(ColdSourceIs source);
[[nodiscard]] std::string_view to_string(ColdTargetIs target);
[[nodiscard]] std::string_view to_string(ColdAction action);

struct ColdSituation {
    Stage stage{};  ///< `commit`: the target's definition is complete, and it owns the VM.
    ColdSourceIs source{};
    ColdTargetIs target{};
    CopiesHold copies{};  ///< `good` where they decide nothing: neither COMMIT nor a source without the VM.

    bool operator==(const ColdSituation&) const = default;
};

/// One row: it applies when each of the situation's facts is in its set.
struct ColdRow {
    std::string_view name;
    unsigned stages;
    unsigned sources;
    unsigned targets;
    unsigned copies;
    ColdAction action;
    std::string_view reason;
};

[[nodiscard]] std::span<const ColdRow> cold_table();
/// The one row that applies.
[[nodiscard]] const ColdRow& decide(const ColdSituation& situation);

[[nodiscard]] ColdSourceIs classify_cold_source(const model::Observation& source);
[[nodiscard]] ColdTargetIs classify_cold_target(const model::Observation& target, const model::Plan& plan);

}  // namespace vmferry::engine
