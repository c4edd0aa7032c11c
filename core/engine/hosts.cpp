#include "core/engine/hosts.hpp"

#include <future>

#include "core/base/assert.hpp"

namespace vmferry::engine {

using model::Side;

Result<> Hosts::open_both(Milliseconds limit)
{
    auto target = std::async(m_world.questions, [&] { return get(Side::target, limit); });
    const auto source = get(Side::source, limit);
    const auto other = target.get();
    VMF_TRY(source);
    VMF_TRY(other);
    return {};
}

Result<world::Host*> Hosts::get(Side side, Milliseconds limit)
{
    Link& wanted = link(side);
    if (!wanted.host || !wanted.host->alive()) {
        VMF_TRY_ASSIGN(wanted.host, m_world.hypervisor.open(wanted.address, limit));
    }
    return wanted.host.get();
}

world::Host& Hosts::at(Side side)
{
    VMF_ASSERT(link(side).host != nullptr);
    return *link(side).host;
}

model::Observation Hosts::observe(Side side, const Uuid& vm, Milliseconds limit)
{
    const auto host = get(side, limit);
    if (!host) {
        model::Observation none;
        none.problem = host.error().text();
        return none;
    }
    return (*host)->inspect().observe(vm, limit);
}

}  // namespace vmferry::engine
