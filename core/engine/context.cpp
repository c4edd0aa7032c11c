#include "core/engine/context.hpp"

#include <fmt/format.h>

#include "core/base/log.hpp"

namespace vmferry::engine {

Result<> Context::record(journal::Kind kind, const std::string& object, Json body)
{
    std::vector<journal::Draft> drafts = m_deferred;
    drafts.push_back({kind, object, std::move(body)});
    VMF_TRY(store.append(plan.transaction, drafts));
    m_deferred.clear();
    return {};
}

void Context::defer(journal::Kind kind, const std::string& object, Json body)
{
    m_deferred.push_back({kind, object, std::move(body)});
}

void Context::record_or_warn(journal::Kind kind, const std::string& object, Json body)
{
    if (const auto written = record(kind, object, body); !written) {
        if (kind == journal::Kind::debt) {
            defer(kind, object, std::move(body));  // Still owed: it goes with the next entry that can be written.
        }
        warn(fmt::format("the journal could not be written ({}): run 'vmferry rollback {}' when it can",
                         written.error().text(), plan.transaction.brief()));
    }
}

Result<> Context::effect(std::string_view name, const std::function<Result<>()>& act)
{
    VMF_TRY(failpoint::hit(fmt::format("effect.{}.before", name)));
    const Milliseconds start = world.clock.now();
    Result<> done = act();
    log::debug("effect {}: {} in {} ms", name, done ? "ok" : done.error().text(), (world.clock.now() - start).count());
    VMF_TRY(std::move(done));
    if (auto after = failpoint::hit(fmt::format("effect.{}.after", name)); !after) {
        return fail(Error(ErrorKind::unknown, after.error().what()));
    }
    return {};
}

Result<world::Controller*> Context::control(model::Side side)
{
    VMF_TRY_ASSIGN(world::Host * host, hosts.get(side, plan.limits.call));
    return &host->control();
}

void Context::warn(const std::string& text)
{
    outcome.warnings.push_back(text);
    reporter.warning(text);
}

}  // namespace vmferry::engine
