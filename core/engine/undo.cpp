#include "core/engine/undo.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.hpp"

namespace vmferry::engine {

using journal::Kind;

namespace {

constexpr int k_undo_tries = 3;
constexpr Milliseconds k_undo_pause{200};

/// "probe:source:1" is made by the step whose object is "probe:".
const Step* step_of(std::span<const Phase> phases, const std::string& object)
{
    for (const Phase& phase : phases) {
        for (const Step& step : phase.steps) {
            const bool family = !step.object.empty() && step.object.back() == ':';
            if (step.object == object || (family && object.starts_with(step.object))) {
                return &step;
            }
        }
    }
    return nullptr;
}

/// A body that is not what this version writes is said, not died of.
Result<> undo_by(const Step& step, Context& context, const OpenObject& object)
{
    try {
        return step.undo(context, object.intent);
    } catch (const Json::exception& problem) {
        return fail(ErrorKind::journal,
                    fmt::format("the ledger entry {} cannot be read: {}", object.object, problem.what()));
    }
}

Result<> try_undo(Context& context, const Step& step, const OpenObject& object)
{
    Result<> done = {};
    for (int attempt = 0; attempt < k_undo_tries; ++attempt) {
        done = context.effect("undo." + object.object, [&] { return undo_by(step, context, object); });
        if (done || done.error().kind() == ErrorKind::unreachable) {
            break;
        }
        log::warn("undo of {}: {}", object.object, done.error().text());
        context.world.clock.sleep(k_undo_pause);
    }
    return done;
}

/// A leftover that hurts nobody: a second Ctrl-C leaves it as a debt.
bool is_optional(const OpenObject& object)
{
    return object.object.starts_with("probe:") || object.object.starts_with("nvram:");
}

}  // namespace

std::vector<OpenObject> open_objects(std::span<const journal::Entry> entries)
{
    std::vector<OpenObject> open;
    for (const journal::Entry& entry : entries) {
        if (entry.kind == Kind::ledger) {
            open.push_back({entry.object, entry.body});
        } else if (entry.kind == Kind::debt) {
            for (OpenObject& object : open) {
                object.owed = object.owed || object.object == entry.object;
            }
        } else if (entry.kind == Kind::undone || entry.kind == Kind::settled) {
            std::erase_if(open, [&](const OpenObject& object) { return object.object == entry.object; });
        }
    }
    std::reverse(open.begin(), open.end());
    return open;
}

std::vector<std::string> open_debts(std::span<const journal::Entry> entries)
{
    std::vector<std::string> debts;
    for (const journal::Entry& entry : entries) {
        const bool settled = entry.kind == Kind::settled || entry.kind == Kind::undone;
        if (entry.kind == Kind::debt) {
            std::erase(debts, entry.object);
            debts.push_back(entry.object);
        } else if (settled) {
            std::erase(debts, entry.object);
        }
    }
    return debts;
}

bool has_undo(std::span<const Phase> phases, const OpenObject& object)
{
    const Step* step = step_of(phases, object.object);
    return step != nullptr && step->undo;
}

bool undo_object(Context& context, std::span<const Phase> phases, const OpenObject& object)
{
    if (!has_undo(phases, object)) {
        return true;
    }
    const Step* step = step_of(phases, object.object);
    context.record_or_warn(Kind::undoing, object.object);
    const Result<> done = try_undo(context, *step, object);
    if (done) {
        if (object.owed) {
            context.defer(Kind::settled, object.object);
        }
        // With the next entry: the way back is short, and what is undone twice is undone all the same.
        context.defer(Kind::undone, object.object);
        context.reporter.settled_step(object.object);
        return true;
    }
    owe(context, object, done.error().text());
    return false;
}

bool undo_objects(Context& context, std::span<const Phase> phases, const std::function<bool(const OpenObject&)>& wanted)
{
    const auto all = context.entries();
    if (!all) {
        context.warn(all.error().text());
        return false;
    }
    bool clean = true;
    for (const OpenObject& object : open_objects(*all)) {
        if (!wanted(object)) {
            continue;
        }
        if (context.interrupt.impatient() && is_optional(object)) {
            owe(context, object, "left for later on request");
            clean = false;
            continue;
        }
        clean = undo_object(context, phases, object) && clean;
    }
    return clean;
}

bool undo_all(Context& context, std::span<const Phase> phases, bool before_resume)
{
    return undo_objects(context, phases, [&](const OpenObject& object) {
        return object.object.starts_with("domain:") == before_resume;
    });
}

void owe(Context& context, const OpenObject& object, const std::string& why)
{
    context.record_or_warn(Kind::debt, object.object, {{"error", why}});
    context.outcome.debts.push_back(fmt::format("{}: {}", object.object, why));
}

}  // namespace vmferry::engine
