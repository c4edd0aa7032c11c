// A command that goes on in the background once its transaction has begun.

#pragma once

#include <functional>
#include <string>

#include "core/engine/outcome.hpp"
#include "core/engine/reporter.hpp"

namespace vmferry::cli {

/// Says the id of the transaction to the process that the user started. One write, once.
class TransactionTeller final : public engine::Reporter {
public:
    /// -1: nobody waits for it. The descriptor is closed when it was said.
    explicit TransactionTeller(int fd) : m_fd(fd) {}
    void begun(const model::Plan& plan) override;

private:
    int m_fd;
};

struct Detached {
    engine::ExitCode code = engine::ExitCode::internal;
    std::string transaction;  ///< Empty: it ended before it began, with `code`.
    pid_t pid = 0;
};

/// Forks; `work(FD)` runs in a session of its own, without the terminal. Returns, in the process that the
/// user started, when FD got the id or the work ended; until then passes on what it writes, and hands
/// INT and TERM on to it. Signals must be prepared, and no thread may run yet.
[[nodiscard]] Detached detach(const std::function<engine::ExitCode(int fd)>& work);

}  // namespace vmferry::cli
