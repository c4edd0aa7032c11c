#include "core/engine/phase.hpp"

#include <fmt/format.h>

namespace vmferry::engine {

Result<> run_step(Context& context, const Step& step)
{
    VMF_TRY_ASSIGN(std::optional<Json> wanted, step.intent(context));
    if (!wanted) {
        return {};
    }
    const SharedJson intent(std::move(*wanted));
    const std::string object(step.object);
    VMF_TRY(context.record(journal::Kind::ledger, object, intent));
    VMF_TRY(context.effect(object, [&] { return step.apply(context, intent); }));
    context.defer(journal::Kind::done, object);
    return {};
}

Result<> check_interrupt(const Context& context)
{
    if (!context.interrupt.requested()) {
        return {};
    }
    return fail(Error(ErrorKind::interrupted, "stopped on request"));
}

Result<> run_steps(Context& context, const std::vector<Step>& steps)
{
    for (const Step& step : steps) {
        VMF_TRY(check_interrupt(context));
        VMF_TRY(run_step(context, step));
    }
    return {};
}

void finish_steps(Context& context, const std::vector<Step>& steps)
{
    for (const Step& step : steps) {
        const auto done = run_step(context, step);
        if (done) {
            continue;
        }
        const std::string object(step.object);
        context.record_or_warn(journal::Kind::debt, object, {{"error", done.error().text()}});
        context.outcome.debts.push_back(fmt::format("{}: {}", object, done.error().text()));
    }
}

}  // namespace vmferry::engine
