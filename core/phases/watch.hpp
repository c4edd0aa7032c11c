// Watches one migrate call until the target is complete: its events, its progress, its time limits. Carries out
// the convergence schedule; each act of it is in the journal before it happens.

#pragma once

#include "core/engine/context.hpp"
#include "core/phases/convergence.hpp"
#include "core/phases/disk_watch.hpp"

namespace vmferry::phases {

class Watch {
public:
    explicit Watch(engine::Context& context);

    /// Until the reply of Finish is held or, where it cannot be, the call has returned well; with SwitchMode::fence
    /// until the target told that it is loaded. Every error means the way back.
    [[nodiscard]] Result<> until_complete();

private:
    Result<bool> handle(world::MigrationEvent event);
    Result<> look();
    Result<> look_at_progress(const world::MigrationProgress& progress);
    Result<> look_at_clock();
    Result<> raise(Milliseconds downtime);
    Result<> out_of_time(const std::string& why, bool is_stall);
    Result<> suspend_source(const std::string& why);
    Result<> switch_to_postcopy(const std::string& why);
    Result<> check_interrupt() const;
    Result<> stands_still(Milliseconds since);
    Result<> note(const std::string& action, const std::string& reason);
    Result<bool> call_returned() const;
    /// The guest stands for the switch by QEMU's own decision: it is only waited for.
    [[nodiscard]] bool in_window() const { return m_context.stopped_at && !m_suspended && !m_context.target_let_run; }
    /// Until the target is seen running in post-copy it is looked for often.
    [[nodiscard]] Milliseconds patience() const;
    [[nodiscard]] std::string rates() const;

    engine::Context& m_context;
    Milliseconds m_start;
    Milliseconds m_moved_at;  ///< When the stream was last seen to move.
    world::MigrationProgress m_last;
    DiskWatch m_disks;
    Convergence m_convergence;
    bool m_suspended = false;  ///< By us, because time was up.
};

}  // namespace vmferry::phases
