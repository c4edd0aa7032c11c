// Definitions of a VM that is off, as a simulated host keeps them: the content is a number.

#include "tests/sim/edge.hpp"
#include "tests/sim/sim_host.hpp"

namespace vmferry::sim {

namespace {

constexpr Ms k_question = 5000;

Error absent() { return {ErrorKind::not_found, "no such domain"}; }

}  // namespace

Result<world::Portable> SimHost::read(const Uuid& /*uuid*/)
{
    return ask<world::Portable>("read", k_question, [site = m_site]() -> Result<world::Portable> {
        const auto& definition = site.domain().definition;
        if (!definition) {
            return fail(absent());
        }
        return world::Portable{std::to_string(definition->content), {}, {}};
    });
}

Result<> SimHost::define_bolted(const Uuid& /*uuid*/, const world::Portable& vm, const model::Marker& marker)
{
    return act(
        "define",
        [site = m_site, content = std::stoi(vm.definition), marker] {
            return site.daemon().define_bolted(content, marker);
        },
        0, "domain:target");
}

Result<bool> SimHost::is_bolted(const Uuid& /*uuid*/)
{
    return ask<bool>("is-bolted", k_question, [site = m_site]() -> Result<bool> {
        const auto& definition = site.domain().definition;
        if (!definition) {
            return fail(absent());
        }
        return definition->bolted;
    });
}

Result<> SimHost::unbolt(const Uuid& /*uuid*/)
{
    return act("bolt", [site = m_site] { return site.daemon().unbolt(); });
}

}  // namespace vmferry::sim
