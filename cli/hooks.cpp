#include "cli/hooks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "cli/hook_process.hpp"
#include "core/base/digest.hpp"
#include "core/base/json_at.hpp"
#include "core/base/log.hpp"

namespace vmferry::cli {

using engine::Context;
using engine::Outcome;
using engine::OutcomeKind;

namespace {

std::string note_of(std::string_view event, const std::string& name) { return fmt::format("hook:{}:{}", event, name); }

std::string digest_of_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return sha256_hex(bytes.str());
}

/// vmferry.hook/1
std::string input_of(const Context& context, std::string_view event, std::string_view outcome)
{
    const model::Plan& plan = context.plan;
    Json json{{"schema", "vmferry.hook/1"},
              {"event", event},
              {"tx", plan.transaction.str()},
              {"command", plan.command},
              {"vm", {{"name", plan.vm_name}, {"uuid", plan.vm_uuid.str()}}},
              {"from", plan.source},
              {"to", plan.target},
              {"outcome", outcome.empty() ? Json() : Json(outcome)}};
    return dump_json(json) + "\n";
}

/// Runs it and puts into the journal that it ran. An error says that it could not be started.
Result<HookRun> call(Context& context, const Hook& hook, Milliseconds limit, std::string_view event,
                     std::string_view outcome, const std::function<bool()>& stop)
{
    const std::vector<std::string> words{hook.path, std::string(event), context.plan.vm_name,
                                         context.plan.vm_uuid.str()};
    const std::string digest = digest_of_file(hook.path);
    VMF_TRY_ASSIGN(HookRun run, run_hook(words, input_of(context, event, outcome), limit, stop));
    log::info("hook {} {}: {} in {} ms", hook.name, event, run.text(), run.took.count());
    if (!run.output.empty()) {
        log::info("hook {} says: {}", hook.name, run.output);
    }
    VMF_TRY(context.record(
        journal::Kind::note, note_of(event, hook.name),
        {{"sha256", digest}, {"exit_code", run.code}, {"good", run.good()}, {"duration_ms", run.took.count()}}));
    return run;
}

Error refusal(const Hook& hook, std::string_view event, const HookRun& run)
{
    constexpr int k_not_now = 75;
    const bool later = run.end == HookRun::End::exited && run.code == k_not_now;
    const ErrorKind kind = run.end == HookRun::End::stopped ? ErrorKind::interrupted
                           : later                          ? ErrorKind::busy
                                                            : ErrorKind::blocked;
    return Error(kind, fmt::format("the hook {} refused {}: it {}", hook.name, event, run.text()))
        .with_id("VMF-E180")
        .with_cause(run.last_line())
        .with_next(fmt::format("ask whoever wrote {}, or correct what it complains of", hook.path));
}

Result<> call_before(Context& context, const Hooks& hooks, std::string_view event)
{
    for (const Hook& hook : hooks.all) {
        VMF_TRY(engine::check_interrupt(context));
        VMF_TRY_ASSIGN(const HookRun run,
                       call(context, hook, hooks.limit, event, {}, [&] { return context.interrupt.requested(); }));
        if (!run.good()) {
            return fail(refusal(hook, event, run));
        }
    }
    return {};
}

/// It holds nothing up: a warning, and once the VM has moved (`moved`) the outcome 22.
void complain(Context& context, Outcome& outcome, const Hook& hook, std::string_view event, const std::string& how,
              bool moved)
{
    const std::string what = fmt::format("the hook {} {} at {}", hook.name, how, event);
    outcome.warnings.push_back(what);
    context.reporter.warning(what);
    if (moved && !outcome.error) {
        outcome.error = Error(ErrorKind::failed, what)
                            .with_id("VMF-E180")
                            .with_next(fmt::format("{} {} {} {}", hook.path, event, context.plan.vm_name,
                                                   context.plan.vm_uuid.str()));
    }
}

/// Past the switch a second Ctrl-C ends them, like all that is not needed.
Result<> call_after(Context& context, const Hooks& hooks, std::string_view event)
{
    for (const Hook& hook : hooks.all) {
        const auto run = call(context, hook, hooks.limit, event, {}, [&] { return context.interrupt.impatient(); });
        if (!run || !run->good()) {
            complain(context, context.outcome, hook, event, run ? run->text() : run.error().text(), true);
        }
    }
    return {};
}

/// Names of those that were called and agreed.
std::map<std::string, bool> called_before(Context& context)
{
    std::map<std::string, bool> names;
    const auto entries = context.store.entries(context.plan.transaction);
    for (const journal::Entry& entry : entries ? *entries : std::vector<journal::Entry>()) {
        for (const std::string_view event : {"hook:precheck:", "hook:reserve:"}) {
            if (entry.kind == journal::Kind::note && entry.object.starts_with(event) && flag_at(entry.body, "good")) {
                names[entry.object.substr(event.size())] = true;
            }
        }
    }
    return names;
}

}  // namespace

std::vector<engine::Phase> with_hooks(const std::vector<engine::Phase>& phases, const Hooks& hooks)
{
    const auto phase_of = [&hooks](std::string_view event, bool after_switch) -> engine::Phase {
        return {.name = "hooks",
                .steps = {},
                .run =
                    [&hooks, event, after_switch](Context& context) {
                        return (after_switch ? call_after : call_before)(context, hooks, event);
                    },
                .after_switch = after_switch};
    };
    std::vector<engine::Phase> all;
    for (const engine::Phase& phase : phases) {
        const bool asks = phase.name == "precheck" || phase.name == "reserve";
        if (!hooks.all.empty() && asks) {
            all.push_back(phase_of(phase.name, false));
        }
        all.push_back(phase);
        if (!hooks.all.empty() && phase.name == "announce") {
            all.push_back(phase_of("post-switch", true));
        } else if (!hooks.all.empty() && phase.name == "verify") {
            all.push_back(phase_of("verify", true));
        }
    }
    return all;
}

void call_end_hooks(Context& context, const Hooks& hooks, Outcome& outcome)
{
    const bool committed = outcome.changed();
    const bool open = outcome.kind == OutcomeKind::in_doubt || outcome.kind == OutcomeKind::lost;
    const auto called = hooks.all.empty() || open ? std::map<std::string, bool>() : called_before(context);
    std::vector<Hook> order;
    std::copy_if(hooks.all.begin(), hooks.all.end(), std::back_inserter(order),
                 [&](const Hook& hook) { return called.contains(hook.name); });
    if (!committed) {
        std::reverse(order.begin(), order.end());
    }
    const std::string_view event = committed ? "done" : "rollback";
    for (const Hook& hook : order) {
        const auto run = call(context, hook, hooks.limit, event, engine::to_string(outcome.kind), [] { return false; });
        if (run && run->good()) {
            continue;
        }
        complain(context, outcome, hook, event, run ? run->text() : run.error().text(), committed);
    }
    const bool hook_failed = outcome.error && outcome.error->id() == "VMF-E180";
    if (committed && hook_failed && outcome.debts.empty()) {
        outcome.kind = OutcomeKind::committed_degraded;
    }
}

}  // namespace vmferry::cli
