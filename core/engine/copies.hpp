// A VM that no transaction of ours holds, on two hosts: which copy is what, whether anything has to be settled, and
// by which acts. virsh, a script or a cloud manager may have left it so. Data, as in recovery.hpp;
// tests/unit/core/engine/copies_test walks every pair.

#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/model/observation.hpp"
#include "core/model/owner.hpp"

namespace vmferry::engine {

enum class CopyIs : unsigned {
    unreachable,
    working,  ///< A job is active, or it is loading.
    running,
    standing,  ///< Stopped by a migration: it has executed nothing since its memory was sent.
    paused,    ///< Stopped by a user; or loaded by a migration that was to leave it so.
    stuck,     ///< Stopped by an error, by post-copy, or in a state that says nothing.
    off,       ///< Defined only.
    absent,
};
inline constexpr unsigned k_copy_count = 8;

enum class Remedy {
    none,    ///< Nothing is wrong.
    wait,    ///< Somebody works on it.
    resume,  ///< The one copy there is was left standing: it is the newest.
    tidy,    ///< One runs; what the other host still defines would start a second.
    choose,  ///< Only a human knows which copy is meant: --keep HOST.
    doubt,   ///< Not even by --keep: it would end a copy that runs, or one that cannot be judged.
};

[[nodiscard]] std::string_view to_string(CopyIs copy);
[[nodiscard]] std::string_view to_string(Remedy remedy);

struct CopyRow {
    std::string_view name;
    unsigned here;  ///< Bit sets over CopyIs.
    unsigned there;
    Remedy remedy;
    std::string_view reason;
};
[[nodiscard]] std::span<const CopyRow> copy_table();
[[nodiscard]] CopyIs classify_copy(const model::Observation& seen);

/// The row, and which side is its "here". The sides have no order: a host is `source` because it was named first.
struct CopyCase {
    const CopyRow* row = nullptr;
    model::Side here = model::Side::source;
};
[[nodiscard]] CopyCase decide_copies(CopyIs first, CopyIs second);

struct CopyAct {
    enum class Kind { resume, destroy, undefine } kind{};
    model::Side side{};
    bool operator==(const CopyAct&) const = default;
};
/// What settles it, in order; empty: nothing may be done. `keep` is the operator's word; without it only `resume` and
/// `tidy` have acts. A copy that runs is never ended, and the last definition never removed.
[[nodiscard]] std::vector<CopyAct> acts_for(const model::Observation& first, const model::Observation& second,
                                            std::optional<model::Side> keep);

}  // namespace vmferry::engine
