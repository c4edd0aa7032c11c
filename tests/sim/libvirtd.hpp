// One host's daemon: what libvirt 9.0 does with a domain, as it was seen on real hosts.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/marker.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/parts.hpp"
#include "tests/sim/timeline.hpp"

namespace vmferry::sim {

/// What an act came to; nullopt: it waits for the domain's job.
using Done = std::optional<Result<>>;

class Libvirtd {
public:
    /// Told of what ends by itself.
    struct Hooks {
        std::function<void()> instance_ended;  ///< The emulator is gone.
        std::function<void()> job_aborted;     ///< The outgoing migration is to be cancelled.
        std::function<Result<>()> postcopy_wanted;
        std::function<Result<>()> postcopy_broken;
        std::function<bool()> has_all_memory;  ///< A target in post-copy, whatever its daemon knows.
        std::function<bool()> emulator_stuck;  ///< It answers nothing: it hangs in a send.
    };

    Libvirtd(Side side, Machine& machine, Timeline& time, Oracle& oracle, Hooks hooks)
        : m_side(side), m_machine(machine), m_time(time), m_oracle(oracle), m_hooks(std::move(hooks))
    {
    }

    [[nodiscard]] Done resume(Cause cause);
    [[nodiscard]] Done suspend(Cause cause);
    [[nodiscard]] Done destroy(Cause cause);
    [[nodiscard]] Done undefine(Cause cause);
    [[nodiscard]] Done define_bolted(int content, const model::Marker& marker);
    [[nodiscard]] Done unbolt();
    [[nodiscard]] Done start(Cause cause);
    [[nodiscard]] Done set_autostart(bool on);
    [[nodiscard]] Done set_marker(const std::optional<model::Marker>& marker, Cause cause);
    [[nodiscard]] Done set_max_downtime(uint64_t limit_ms);
    [[nodiscard]] Done set_max_bandwidth(uint64_t limit_mib_s);
    [[nodiscard]] Done abort_job(Cause cause);
    [[nodiscard]] Done start_postcopy();
    [[nodiscard]] Done break_postcopy();
    /// Another administrator's job works on the domain for a while.
    void foreign_job(Ms duration);
    [[nodiscard]] Done announce();
    [[nodiscard]] Done activate_images();

    /// Tries `attempt` again whenever a job ends, for as long as libvirt waits for the lock (30 s).
    void wait_for_job(std::function<Done()> attempt, std::function<void(Result<>)> answer);
    void job_ended();
    /// The domain's lock is held until then: what changes the domain waits.
    void lock(Ms until);
    [[nodiscard]] Ms locked_until() const { return m_locked_until; }
    [[nodiscard]] bool locked() const { return m_time.now() < m_locked_until; }

    void start_cpus(Cause cause);
    /// A Confirm that ends this source is on its way.
    void confirm_sent() { m_oracle.confirm_sent(); }
    /// The end of an incoming post-copy. `runs`: its guest was let run before.
    void incoming_complete(bool runs);
    void end_instance(StateReason reason, Cause cause);
    /// The source after a migration that did not happen: what ran before, runs again.
    void restore_source();
    void connection_closed(int connection);

    /// Counts how often it was started.
    [[nodiscard]] int runs() const { return m_runs; }
    void emulator_dies();
    void guest_off();
    void daemon_dies();
    void daemon_starts();
    void power_off();
    void power_on();

private:
    [[nodiscard]] Domain& domain() { return m_machine.domain; }
    [[nodiscard]] bool job_blocks() const
    {
        return locked() || (m_machine.domain.live && m_machine.domain.live->job != Job::none);
    }
    void forget_instance();
    void forget_jobs();
    [[nodiscard]] Done set_live(const std::function<void(Instance&)>& setting);
    void recover_job();

    struct Waiting {
        Ms until;
        std::function<Done()> attempt;
        std::function<void(Result<>)> answer;
    };

    Side m_side;
    Machine& m_machine;
    Timeline& m_time;
    Oracle& m_oracle;
    Hooks m_hooks;
    std::vector<Waiting> m_waiting;
    Ms m_locked_until = 0;
    int m_runs = 1;
};

}  // namespace vmferry::sim
