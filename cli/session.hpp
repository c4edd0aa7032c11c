// What a command that works on hosts has open: journal, libvirt, and the work on one VM. Made in the
// worker, never before a fork.

#pragma once

#include <functional>
#include <memory>

#include "cli/environment.hpp"
#include "cli/lock.hpp"
#include "cli/network_prober.hpp"
#include "cli/system_clock.hpp"
#include "core/engine/context.hpp"
#include "journal/store.hpp"

namespace vmferry::cli {

/// How long opening a connection may take: ssh with a slow name service.
inline constexpr Milliseconds k_connect_limit{15000};

class Session {
public:
    /// The journal first: where it cannot be written nothing is touched.
    using Wrap = std::function<std::unique_ptr<journal::Store>(std::unique_ptr<journal::Store>)>;
    [[nodiscard]] static Result<std::unique_ptr<Session>> open(const Environment& environment, journal::Access access,
                                                               const Wrap& wrap = {});
    /// Loads libvirt the first time.
    [[nodiscard]] Result<world::World*> world();
    [[nodiscard]] journal::Store& store() { return *m_store; }

private:
    explicit Session(std::unique_ptr<journal::Store> store) : m_store(std::move(store)) {}

    std::unique_ptr<journal::Store> m_store;
    SystemClock m_clock;
    NetworkProber m_prober;
    std::unique_ptr<world::World> m_world;
};

/// The lock of the VM. While another vmferry has it, waits for `patience`, but not past a request to
/// stop (kind `interrupted`). Kind `busy` when it was in vain.
[[nodiscard]] Result<VmLock> lock_patiently(Environment& environment, const Uuid& vm, const std::string& name,
                                            Milliseconds patience);

/// Hosts and context of one transaction.
struct Work {
    Work(world::World& world, journal::Store& store, Environment& environment, model::HostAddress source,
         model::HostAddress target)
        : hosts(world, std::move(source), std::move(target)),
          context(world, store, hosts, environment.reporter, environment.interrupt)
    {
    }

    engine::Hosts hosts;
    engine::Context context;
};

/// A migrate call that may still be in flight is not ended by us: its destructor would drop the
/// connection and with it a held reply, and libvirt would resume the source.
struct LetGo {
    void operator()(Work* work) const
    {
        if (!work->context.migration || work->context.migration->result()) {
            delete work;
        }
    }
};
using WorkHandle = std::unique_ptr<Work, LetGo>;

}  // namespace vmferry::cli
