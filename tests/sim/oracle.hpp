// Who sees everything: whether two copies ran, whether a copy ran with memory older than its disk,
// whether the only memory was thrown away. The engine never sees it.

#pragma once

#include <string>
#include <vector>

#include "tests/sim/parts.hpp"
#include "tests/sim/timeline.hpp"

namespace vmferry::sim {

class Oracle {
public:
    Oracle(const Timeline& time, Machine (&machines)[2]) : m_time(time), m_machines(machines) {}

    /// The copy on `side` has just been let run.
    void starts_running(Side side, Cause cause);
    /// Each running copy executes: called whenever time moves.
    void execute();
    /// The copy on `side` is about to be ended.
    void ends(Side side, Cause cause);
    /// The NVRAM file of `side` is about to be removed.
    void removes_nvram(Side side, const std::string& path);
    void foreign_job_aborted(Cause cause)
    {
        if (cause == Cause::tool && !m_migrate_called) {
            violate("another administrator's job was aborted");
        }
    }
    void migrate_called() { m_migrate_called = true; }
    /// A copy went away by itself; nobody can know it in this very moment.
    void copy_lost() { m_lost_at = m_time.now(); }
    void human_acted() { m_human_at = m_time.now(); }

    /// Holds all that the guest ever did.
    [[nodiscard]] bool is_newest(const Instance& copy) const { return copy.loaded && copy.memory == m_disk; }
    [[nodiscard]] bool memory_exists() const;
    [[nodiscard]] uint64_t disk() const { return m_disk; }

    void violate(std::string what);
    [[nodiscard]] const std::vector<std::string>& violations() const { return m_violations; }
    /// Nobody can act on what another did in this very moment.
    [[nodiscard]] bool excused() const { return m_human_broke || m_time.now() - m_human_at <= k_race; }

private:
    void execute(Side side);

    static constexpr Ms k_race = 1500;
    const Timeline& m_time;
    Machine (&m_machines)[2];
    uint64_t m_disk = 1;
    Ms m_human_at = -k_forever;
    Ms m_lost_at = -k_forever;
    bool m_human_broke = false;
    bool m_migrate_called = false;
    std::vector<std::string> m_violations;
};

}  // namespace vmferry::sim
