// The edge of vmferry: everything that is not our own memory or our own journal.

#pragma once

#include <future>
#include <memory>
#include <string>

#include "core/world/host.hpp"
#include "core/world/migration.hpp"
#include "core/world/prober.hpp"

namespace vmferry::world {

/// Opens hosts and starts migrations. core/libvirt implements it; the simulator does too.
class Hypervisor {
public:
    virtual ~Hypervisor() = default;

    /// Connects within `limit`. Kinds: `usage` (malformed URI), `unknown_host`, `unreachable`, `denied`.
    [[nodiscard]] virtual Result<std::unique_ptr<Host>> open(const model::HostAddress& address, Milliseconds limit) = 0;
    /// Opens the driver connection to `target` (with Route::held through the relay) ahead of time: nothing is
    /// opened in the switch window, and a transport that cannot hold a reply is refused before anything is
    /// touched.
    class Driver {
    public:
        virtual ~Driver() = default;
        /// Starts the call on a thread of its own. Both hosts must outlive the Migration. Once only.
        [[nodiscard]] virtual Result<std::unique_ptr<Migration>> start(const MigrationRequest& request) = 0;
    };
    [[nodiscard]] virtual Result<std::unique_ptr<Driver>> prepare(Host& source, Host& target, Route route,
                                                                  Milliseconds limit) = 0;
};

/// Time as the engine feels it. The simulator's moves by itself.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Milliseconds now() const = 0;  ///< Monotonic.
    virtual void sleep(Milliseconds duration) = 0;
};

/// The bag that is handed down.
struct World {
    Hypervisor& hypervisor;
    Clock& clock;
    /// How independent questions are asked: side by side, or (in the simulator, where a story must
    /// replay exactly) one when the answer of the other is wanted.
    std::launch questions = std::launch::async;
    /// Null where there is no network to ask.
    Prober* prober = nullptr;
};

}  // namespace vmferry::world
