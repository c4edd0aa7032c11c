// What a transaction tells while it runs. The command line shows it; tests record it. Calls come
// from the transaction's thread and must not block.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/model/finding.hpp"
#include "core/model/plan.hpp"
#include "core/world/disks.hpp"
#include "core/world/migration.hpp"

namespace vmferry::engine {

class Reporter {
public:
    virtual ~Reporter() = default;
    virtual void begun(const model::Plan& /*plan*/) {}
    /// A recovery takes over a transaction that another process began.
    virtual void resumed(const model::Plan& /*plan*/) {}
    virtual void phase_started(std::string_view /*phase*/) {}
    virtual void phase_done(std::string_view /*phase*/, Milliseconds /*took*/, const std::string& /*detail*/) {}
    virtual void phase_failed(std::string_view /*phase*/, const Error& /*error*/) {}
    virtual void finding(const model::Finding& /*finding*/) {}
    virtual void progress(const world::MigrationProgress& /*progress*/, Milliseconds /*downtime_limit*/) {}
    /// Nothing can be taken back from here on, though the move goes on for a while: post-copy.
    virtual void no_return() {}
    /// How far the copies of disks are.
    virtual void copying(const std::vector<world::CopyProgress>& /*disks*/) {}
    virtual void warning(const std::string& /*text*/) {}
    /// The way back (or forward) begins: why.
    virtual void settling(const std::string& /*what*/) {}
    /// One act of recovery, done.
    virtual void settled_step(const std::string& /*what*/) {}
};

}  // namespace vmferry::engine
