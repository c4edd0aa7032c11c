// Recovery when the journal is lost: the markers on the two hosts tell which transaction it was, what it
// planned and whether COMMIT is durable. A transaction of the same id and epoch is made from that, and
// settled by the same table as any other. What only the journal could tell is not guessed.

#pragma once

#include <optional>
#include <string>

#include "core/engine/settle.hpp"

namespace vmferry::engine {

/// What each host bears of one transaction, on its running copy or else on its definition.
struct Markers {
    std::optional<model::Marker> source;
    std::optional<model::Marker> target;
};
[[nodiscard]] Markers markers_of(const Diagnosis& seen, const Uuid& transaction);

/// What the markers prove: COMMIT and RESUMED stand in the target's before anybody could need them there.
/// Without them the migrate call may have been made: `intent`.
[[nodiscard]] Stage stage_of(const Markers& markers);

/// Fills plan and before image of `context` by `marker`, either one of the two. The hosts keep the names by which
/// they are reached here. Of the before image only what the marker knows is as it was; the rest is as it is
/// now, see what_is_compared(). Kind `not_found` for a marker without a plan, `failed` for one of a storage-move.
[[nodiscard]] Result<> rebuild(Context& context, const model::Marker& marker);

/// Why the row must not be acted on without the journal; nullopt: the markers prove enough.
[[nodiscard]] std::optional<std::string> undecidable(const Diagnosis& seen, const Markers& markers,
                                                     const model::Plan& plan);

/// Opens the transaction in this journal, with the ledger and the decisions that the markers prove, in one durable
/// write. After rebuild().
[[nodiscard]] Result<> adopt(Context& context, const std::vector<Phase>& phases, const Markers& markers);

/// What the hosts show, and what of it may be acted on.
struct MarkedCase {
    Diagnosis seen;
    Markers markers;
    std::optional<std::string> in_doubt;  ///< Why nothing may be done; nullopt: settle_by_markers() may.
};
/// rebuild(), and two looks with a silence between them in which a living controller would have done something. Kind
/// `busy` when somebody works on the VM.
[[nodiscard]] Result<MarkedCase> look_by_marker(Context& context, const model::Marker& marker,
                                                const SettleOptions& options);
/// adopt(), then settle(). After look_by_marker(), which found no doubt.
[[nodiscard]] Result<Outcome> settle_by_markers(Context& context, const std::vector<Phase>& phases,
                                                const MarkedCase& found, const SettleOptions& options);

/// The markers of one of the hosts say more than this journal, so it is an older copy of itself: a later
/// transaction is at work there, or the target's copy owns the VM although no COMMIT is here. What is so.
[[nodiscard]] std::optional<std::string> older_than_hosts(const Diagnosis& seen, const model::Plan& plan);
/// The part of it that one host tells by itself, as in a storage-move.
[[nodiscard]] std::optional<std::string> later_transaction(const std::string& host, const model::Observation& seen,
                                                           const model::Plan& plan);

}  // namespace vmferry::engine
