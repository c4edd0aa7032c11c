#include "core/engine/offline_recovery.hpp"

#include "core/engine/decision_table.hpp"

namespace vmferry::engine {

namespace {

using V = ColdSourceIs;
using D = DisksAre;
using U = UsedSince;
using A = OfflineAction;

constexpr unsigned k_open = set(Stage::open);
constexpr unsigned k_intent = set(Stage::intent);
constexpr unsigned k_abort = set(Stage::abort);
constexpr unsigned k_changing = k_intent | k_abort;
constexpr unsigned k_commit = set(Stage::commit);
constexpr unsigned k_any_stage = k_open | k_changing | k_commit;
constexpr unsigned k_not_offline = set(Stage::native, Stage::postcopy, Stage::fencing, Stage::resumed);

constexpr unsigned k_any_vm = (1U << k_cold_source_count) - 1;
constexpr unsigned k_any_disks = (1U << k_disks_count) - 1;
constexpr unsigned k_any_use = (1U << k_used_since_count) - 1;
constexpr unsigned k_off = set(V::off);
constexpr unsigned k_runs = set(V::runs);
constexpr unsigned k_defined = k_off | k_runs;
constexpr unsigned k_known = set(D::all_old, D::mixed, D::all_new);
/// The copies were never used, so nothing is lost with them.
constexpr unsigned k_copies_idle = set(U::none, U::originals);
constexpr unsigned k_originals_idle = set(U::none, U::copies);

constexpr OfflineRow k_rows[] = {
    {"offline-foreign-stage", k_not_offline, k_any_vm, k_any_disks, k_any_use, A::doubt,
     "the journal has an entry that no storage-move of a VM that is off writes"},
    {"offline-unreachable", k_any_stage, set(V::unreachable), k_any_disks, k_any_use, A::doubt,
     "the host does not answer, and what the definition names has to be seen"},
    {"offline-gone", k_any_stage, set(V::gone), k_any_disks, k_any_use, A::doubt,
     "the host does not know the VM any more: every image is kept"},
    {"offline-undefined", k_any_stage, set(V::transient), k_any_disks, k_any_use, A::doubt,
     "the VM runs without a definition: every image is kept"},
    {"offline-foreign-disk", k_any_stage, k_defined, set(D::foreign), k_any_use, A::doubt,
     "a disk names neither its old nor its new image: somebody else has changed it"},

    // Before PIVOT_INTENT the definition names the old images.
    {"offline-back", k_open, k_off, set(D::all_old), k_any_use, A::back,
     "the definition was not to change yet: the new images go"},
    {"offline-started", k_open, k_runs, set(D::all_old), k_any_use, A::started,
     "somebody has started the VM on its old images: there it stays, and the new ones go"},
    {"offline-changed", k_open, k_defined, set(D::mixed, D::all_new), k_any_use, A::doubt,
     "a disk names its new image although none was to change yet: somebody else did that"},

    // The definition changes in one act: all disks or none. Whoever starts the VM uses one set or the other, and what
    // he has used is newer.
    {"offline-intent-back", k_changing, k_off, set(D::all_old), k_copies_idle, A::back,
     "the definition names the old images, and nobody has used the new ones"},
    {"offline-intent-started", k_changing, k_runs, set(D::all_old), k_copies_idle, A::started,
     "somebody has started the VM on its old images: there it stays, and the new ones go"},
    {"offline-intent-used", k_changing, k_defined, set(D::all_old), k_any_use & ~k_copies_idle, A::doubt,
     "the VM has its old images, and whether somebody has used the new ones is not excluded: both are kept"},
    {"offline-intent-forward", k_intent, k_defined, set(D::all_new), k_originals_idle, A::forward,
     "the definition names the new images, which hold what the old ones do"},
    {"offline-intent-older", k_intent, k_off, set(D::all_new), set(U::originals), A::back,
     "somebody has used the VM on its old images, which are newer: the definition names them again"},
    {"offline-intent-older-runs", k_intent, k_runs, set(D::all_new), set(U::originals), A::doubt,
     "the VM runs on its new images, and the old ones are newer than these were"},
    {"offline-intent-unclear", k_intent, k_defined, set(D::all_new), set(U::both, U::unseen), A::doubt,
     "both sets of images were used, or it cannot be told: both are kept"},
    {"offline-abort-back", k_abort, k_off, set(D::all_new), k_copies_idle, A::back,
     "the way back was decided, and nobody has used the new images"},
    {"offline-abort-used", k_abort, k_off, set(D::all_new), k_any_use & ~k_copies_idle, A::doubt,
     "the way back was decided, but whether somebody has used the new images is not excluded: both are kept"},
    {"offline-abort-runs", k_abort, k_runs, set(D::all_new), k_any_use, A::doubt,
     "the way back was decided, but the VM runs on its new images"},
    {"offline-mixed", k_changing, k_defined, set(D::mixed), k_any_use, A::doubt,
     "the definition names a mixture of old and new images: somebody else has changed it"},

    // COMMIT: the definition was read back, and the old images were as they were copied.
    {"offline-forward", k_commit, k_defined, set(D::all_new), k_any_use, A::forward,
     "the definition names the new images"},
    {"offline-stale-definition", k_commit, k_defined, set(D::all_old, D::mixed), k_any_use, A::doubt,
     "the definition names an old image again: somebody else has changed it"},
};

static_assert((k_any_stage | k_not_offline) == (1U << k_stage_count) - 1);
static_assert((k_known | set(D::foreign)) == k_any_disks);

bool applies(const OfflineRow& row, const OfflineSituation& is)
{
    return in(row.stages, is.stage) && in(row.vms, is.vm) && in(row.disks, is.disks) && in(row.used, is.used);
}

}  // namespace

std::span<const OfflineRow> offline_table() { return k_rows; }

const OfflineRow& decide(const OfflineSituation& situation)
{
    return row_for(k_rows, [&](const OfflineRow& row) { return applies(row, situation); });
}

std::string_view to_string(OfflineAction action)
{
    constexpr std::string_view k_names[] = {"back", "started", "forward", "doubt"};
    return k_names[static_cast<unsigned>(action)];
}

}  // namespace vmferry::engine
