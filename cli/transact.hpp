// A new transaction from the command line's words: hosts, VM, lock, plan, run. For `migrate`,
// `precheck`, and the way back of a committed move.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/hooks.hpp"
#include "cli/report.hpp"
#include "cli/session.hpp"
#include "core/engine/transaction.hpp"
#include "core/phases/copy_plan.hpp"
#include "core/phases/storage_plan.hpp"

namespace vmferry::cli {

struct Order {
    model::HostAddress source;
    model::HostAddress target;
    engine::MoveRequest request;                      ///< `command` decides what is run: "migrate" or "precheck".
    std::optional<phases::StorageRequest> storage{};  ///< Its disks are moved, on the source, and not the VM.
    std::optional<phases::CopyRequest> copies{};      ///< Disks that are not shared are copied.
    bool verify = false;                              ///< Copies of a VM that is off are looked into.
    bool dry_run = false;                             ///< (storage) Only plan; the plan is in the report.
    std::string retry;                                ///< The command line that tries it again.
    /// Under the lock of the VM, planned but not begun: may look, change the plan, and refuse.
    std::function<Result<>(engine::Context&)> before_run{};
    /// The same at the end, when the outcome is known and the hosts are still open.
    std::function<Result<>(engine::Context&)> after_run{};
    Milliseconds lock_wait{0};  ///< While another vmferry works on the VM.
    Hooks hooks{};              ///< Not for a precheck, which changes nothing.
};

/// Report, and what `precheck` shows of the VM.
struct Done {
    Report report;
    model::DomainFacts domain;
};

/// Never throws the VM away: whatever happens is in the report.
[[nodiscard]] Done carry_out(Environment& environment, Session& session, const Order& order);

/// Kind `busy` while a transaction of the VM is open: it must be settled before anything else is done with it.
[[nodiscard]] Result<> refuse_unfinished(journal::Store& store, const Uuid& vm, const std::string& name);

/// Check ids that are accepted: the option, else VMFERRY_ACCEPT, else the configuration.
[[nodiscard]] std::vector<std::string> accepted(const Config& config, const std::vector<std::string>& option);
[[nodiscard]] std::string cache_directory(const Settings& settings);

}  // namespace vmferry::cli
