#include "core/engine/copies.hpp"

#include "core/base/assert.hpp"

namespace vmferry::engine {

using model::Observation;
using model::Side;

namespace {

using C = CopyIs;

template <typename... Values>
constexpr unsigned set(Values... values)
{
    return ((1U << static_cast<unsigned>(values)) | ...);
}

constexpr unsigned k_any = (1U << k_copy_count) - 1;

constexpr CopyRow k_rows[] = {
    {"host-away", set(C::unreachable), k_any, Remedy::doubt, "a host does not answer: it may run the VM"},
    {"job-active", set(C::working), k_any, Remedy::wait, "a job works on the VM"},
    {"runs-twice", set(C::running), set(C::running), Remedy::doubt,
     "both hosts run the VM: only a human can say which copy is to go"},
    {"runs-beside-stuck", set(C::running), set(C::stuck), Remedy::doubt,
     "one host runs the VM; the other has a copy that an error or post-copy stopped, which may be newer"},
    {"stuck", set(C::stuck), set(C::standing, C::paused, C::stuck, C::off, C::absent), Remedy::doubt,
     "the copy was stopped by an error or by post-copy, which no other copy can replace"},
    {"runs-once", set(C::running), set(C::absent), Remedy::none, "it runs on one host and only there"},
    {"twice-defined", set(C::running), set(C::off), Remedy::tidy,
     "it runs on one host, and the other would start a second copy from its definition"},
    {"runs-beside-standing", set(C::running), set(C::standing), Remedy::choose,
     "one host runs the VM; on the other stands the copy that a migration stopped and nobody ended"},
    {"runs-beside-paused", set(C::running), set(C::paused), Remedy::choose,
     "one host runs the VM; the other has a paused copy, whose age cannot be seen"},
    {"stands-alone", set(C::standing), set(C::absent), Remedy::resume,
     "a migration stopped it, ended without going on, and left no other copy"},
    {"stands-beside-definition", set(C::standing), set(C::off), Remedy::choose,
     "a migration stopped it; the other host has a definition, from which it may have run since"},
    {"complete-twice", set(C::standing, C::paused), set(C::standing, C::paused), Remedy::choose,
     "both hosts have a complete copy that does not run"},
    {"paused-once", set(C::paused), set(C::absent), Remedy::none, "it is paused, and on one host only"},
    {"paused-beside-definition", set(C::paused), set(C::off), Remedy::choose,
     "it is paused on one host, and the other would start a second copy from its definition"},
    {"defined-twice", set(C::off), set(C::off), Remedy::choose, "it is off, and either host would start it"},
    {"off-once", set(C::off), set(C::absent), Remedy::none, "it is off, and on one host only"},
    {"nowhere", set(C::absent), set(C::absent), Remedy::none, "neither host knows it"},
};

bool in(unsigned bits, CopyIs value) { return ((bits >> static_cast<unsigned>(value)) & 1U) != 0; }

bool has_state(CopyIs is, std::initializer_list<CopyIs> some)
{
    for (const CopyIs one : some) {
        if (is == one) {
            return true;
        }
    }
    return false;
}

/// Resume what stands, before the other copy goes: then the VM is never without one that is proven to work.
std::vector<CopyAct> acts_keeping(const Observation& kept, const Observation& other, Side side)
{
    std::vector<CopyAct> acts;
    const CopyIs is = classify_copy(kept);
    // What a user paused stays so, unless it is one of two complete copies of a VM that ran.
    if (is == C::standing || (is == C::paused && other.active())) {
        acts.push_back({CopyAct::Kind::resume, side});
    }
    if (has_state(classify_copy(other), {C::standing, C::paused})) {
        acts.push_back({CopyAct::Kind::destroy, model::other(side)});
    }
    if (other.exists && other.persistent && kept.persistent) {
        acts.push_back({CopyAct::Kind::undefine, model::other(side)});
    }
    return acts;
}

}  // namespace

std::span<const CopyRow> copy_table() { return k_rows; }

CopyIs classify_copy(const Observation& seen)
{
    using model::RunState;
    using model::StateReason;
    if (!seen.reachable) {
        return C::unreachable;
    }
    if (!seen.exists) {
        return C::absent;
    }
    if (!seen.active()) {
        return C::off;
    }
    if (seen.job_active || seen.state == RunState::shutting_down) {
        return C::working;
    }
    const bool postcopy = seen.reason == StateReason::postcopy || seen.reason == StateReason::postcopy_failed;
    if (seen.state == RunState::running && !postcopy) {
        return C::running;
    }
    if (seen.state == RunState::paused && seen.reason == StateReason::migration) {
        return C::standing;
    }
    return seen.state == RunState::paused && seen.reason == StateReason::user ? C::paused : C::stuck;
}

CopyCase decide_copies(CopyIs first, CopyIs second)
{
    for (const CopyRow& row : k_rows) {
        if (in(row.here, first) && in(row.there, second)) {
            return {&row, Side::source};
        }
        if (in(row.here, second) && in(row.there, first)) {
            return {&row, Side::target};
        }
    }
    VMF_ASSERT(false);
    return {};
}

std::vector<CopyAct> acts_for(const Observation& first, const Observation& second, std::optional<Side> keep)
{
    const auto of = [&](Side side) -> const Observation& { return side == Side::source ? first : second; };
    const CopyCase found = decide_copies(classify_copy(first), classify_copy(second));
    switch (found.row->remedy) {
    case Remedy::resume:
    case Remedy::tidy: {
        const bool other_wanted = keep && *keep != found.here;
        return other_wanted ? std::vector<CopyAct>()
                            : acts_keeping(of(found.here), of(model::other(found.here)), found.here);
    }
    case Remedy::choose: {
        // What runs is not ended, and a copy is not given up for a mere definition.
        const bool kept_is_best = keep && (!of(model::other(*keep)).active() || of(*keep).active()) &&
                                  classify_copy(of(model::other(*keep))) != C::running;
        return kept_is_best ? acts_keeping(of(*keep), of(model::other(*keep)), *keep) : std::vector<CopyAct>();
    }
    case Remedy::none:
    case Remedy::wait:
    case Remedy::doubt: break;
    }
    return {};
}

std::string_view to_string(CopyIs copy)
{
    constexpr std::string_view k_names[] = {"unreachable", "working", "running", "standing",
                                            "paused",      "stuck",   "off",     "absent"};
    return k_names[static_cast<unsigned>(copy)];
}

std::string_view to_string(Remedy remedy)
{
    constexpr std::string_view k_names[] = {"none", "wait", "resume", "tidy", "choose", "doubt"};
    return k_names[static_cast<unsigned>(remedy)];
}

}  // namespace vmferry::engine
