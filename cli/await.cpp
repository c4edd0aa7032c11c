#include "cli/await.hpp"

#include <fmt/format.h>

#include <thread>

#include "cli/recorded_code.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using journal::TransactionRow;

namespace {

constexpr Milliseconds k_pause{200};
/// Between END and the end of its process a worker may still write what its exit code is.
constexpr Milliseconds k_last_words{2000};

/// How it ended, if it has. `quiet` is how long its state has been as it is.
std::optional<ExitCode> end_of(const TransactionRow& row, const std::vector<journal::Entry>& entries,
                               Milliseconds quiet)
{
    const bool alive = row.worker.is_alive() != false;
    if (!row.outcome.empty()) {
        return alive && quiet < k_last_words ? std::nullopt : std::optional(recorded_exit_code(row, entries));
    }
    return alive || quiet < k_orphan_patience ? std::nullopt : std::optional(ExitCode::in_doubt);
}

}  // namespace

Result<ExitCode> await_end(journal::Store& store, const Uuid& transaction, std::optional<Milliseconds> limit)
{
    const Deadline deadline(limit.value_or(Milliseconds(0)));
    Monotonic::time_point since = Monotonic::now();
    std::pair<bool, int64_t> last{};
    while (true) {
        VMF_TRY_ASSIGN(const TransactionRow row, store.find(transaction.str()));
        // A worker that is gone, an entry that came: the clock of the silence starts anew.
        const std::pair now{row.worker.is_alive() != false, row.changed_at_ms};
        if (now != last) {
            last = now;
            since = Monotonic::now();
        }
        VMF_TRY_ASSIGN(const auto entries, store.entries(transaction));
        if (const auto code =
                end_of(row, entries, std::chrono::duration_cast<Milliseconds>(Monotonic::now() - since))) {
            return *code;
        }
        if (limit && deadline.over()) {
            return fail(
                Error(ErrorKind::busy, fmt::format("transaction {} of {} is still under way after {}",
                                                   transaction.brief(), row.head.vm_name, format_duration(*limit)))
                    .with_id("VMF-E177")
                    .with_next(fmt::format("vmferry status {} --wait", transaction.brief())));
        }
        std::this_thread::sleep_for(k_pause);
    }
}

}  // namespace vmferry::cli
