#include "cli/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/libvirt_module.hpp"
#include "cli/watched_store.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

Result<std::unique_ptr<Session>> Session::open(const Environment& environment, journal::Access access, const Wrap& wrap)
{
    VMF_TRY_ASSIGN(auto store, journal::open_sqlite(environment.settings.journal_path, access));
    if (wrap) {
        store = wrap(std::move(store));
    }
    if (environment.events != nullptr) {
        store = watched(std::move(store), *environment.events);
    }
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

Result<VmLock> lock_patiently(Environment& environment, const Uuid& vm, const std::string& name, Milliseconds patience)
{
    constexpr Milliseconds k_slice{200};
    const Deadline deadline(patience);
    bool said = false;
    while (true) {
        auto lock = VmLock::take(environment.settings.lock_directory, vm, name, std::min(k_slice, deadline.left()));
        if (lock || lock.error().kind() != ErrorKind::busy || deadline.over()) {
            return lock;
        }
        if (environment.interrupt.requested()) {
            return fail(ErrorKind::interrupted, "stopped on request while waiting for " + name);
        }
        if (!std::exchange(said, true)) {
            environment.reporter.warning(
                fmt::format("waiting up to {}: {}", format_duration(patience), lock.error().what()));
        }
    }
}

}  // namespace vmferry::cli
