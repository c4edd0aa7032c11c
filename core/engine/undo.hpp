// Taking back what the ledger lists.

#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/engine/phase.hpp"

namespace vmferry::engine {

/// A LEDGER entry that has no UNDONE yet.
struct OpenObject {
    std::string object;
    SharedJson intent;
    bool owed = false;  ///< A DEBT says so since; it is settled together with the undo.
};

/// What this transaction still has to take back, last created first.
[[nodiscard]] std::vector<OpenObject> open_objects(std::span<const journal::Entry> entries);

/// Whether there is anything to be done to take `object` back.
[[nodiscard]] bool has_undo(std::span<const Phase> phases, const OpenObject& object);

/// Undoes `object` by the step that made it: UNDOING, act, UNDONE. A failure is tried again, then
/// becomes a debt. Returns false when a debt remains.
bool undo_object(Context& context, std::span<const Phase> phases, const OpenObject& object);

/// undo_object() for all that are still open and `wanted`, last created first; true when none became a debt. When
/// the operator asked twice to stop, what hurts nobody is left as one.
bool undo_objects(Context& context, std::span<const Phase> phases,
                  const std::function<bool(const OpenObject&)>& wanted);

/// Undoes what is open: the target's copy with `before_resume` (it goes before the source resumes), everything else
/// without. Returns false when a debt remains.
bool undo_all(Context& context, std::span<const Phase> phases, bool before_resume);

/// Records that `object` is left behind for now.
void owe(Context& context, const OpenObject& object, const std::string& why);

/// Debts that were recorded and not settled since.
[[nodiscard]] std::vector<std::string> open_debts(std::span<const journal::Entry> entries);

}  // namespace vmferry::engine
