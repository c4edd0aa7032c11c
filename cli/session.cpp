#include "cli/session.hpp"

#include "cli/libvirt_module.hpp"

namespace vmferry::cli {

Result<std::unique_ptr<Session>> Session::open(const Settings& settings, journal::Access access)
{
    VMF_TRY_ASSIGN(auto store, journal::open_sqlite(settings.journal_path, access));
    return std::unique_ptr<Session>(new Session(std::move(store)));
}

Result<world::World*> Session::world()
{
    if (!m_world) {
        VMF_TRY_ASSIGN(world::Hypervisor * hypervisor, load_hypervisor());
        m_world = std::make_unique<world::World>(world::World{*hypervisor, m_clock});
        m_world->prober = &m_prober;
    }
    return m_world.get();
}

}  // namespace vmferry::cli
