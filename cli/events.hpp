// vmferry.events/1: what a transaction tells, for programs. One JSON object on each line; the types and
// their fields are in schemas/events.json and vmferry(1).
//
// - `seq` counts from 0 without gaps within one process. A recovery worker begins anew with a hello.
// - A slow reader misses progress, which the next progress line counts (`dropped`), and nothing else.
//   A reader that went away misses all; the transaction goes on.
// - The last line for each VM is its result.

#pragma once

#include <mutex>
#include <string>

#include "cli/line_writer.hpp"
#include "cli/verdict.hpp"
#include "core/base/handle.hpp"
#include "core/base/json.hpp"
#include "core/engine/reporter.hpp"
#include "journal/entry.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_events_schema = "vmferry.events/1";

/// The descriptor behind a FILE (appended to, created 0640), "fd:N" or "-" (stdout). Kind `usage` when
/// it cannot be written.
[[nodiscard]] Result<Fd> open_events(const std::string& destination);

class Events final : public engine::Reporter {
public:
    /// Says hello. `fd` must stay open as long as this lives.
    explicit Events(int fd);

    void begun(const model::Plan& plan) override;
    /// As begun(): the stream of a recovery speaks of the transaction in the same words.
    void resumed(const model::Plan& plan) override { begun(plan); }
    void phase_started(std::string_view phase) override;
    void phase_done(std::string_view phase, Milliseconds took, const std::string& detail) override;
    void phase_failed(std::string_view phase, const Error& error) override;
    void finding(const model::Finding& finding) override;
    void progress(const world::MigrationProgress& progress, Milliseconds downtime_limit) override;
    void copying(const std::vector<world::CopyProgress>& disks) override;
    void warning(const std::string& text) override;
    void settling(const std::string& what) override;
    void settled_step(const std::string& what) override;

    /// A durable entry of the journal, as it was written.
    void recorded(const Uuid& transaction, const journal::Draft& draft);
    /// What `-o json` prints.
    void result(const OrderedJson& record);
    void drain() { m_writer.drain(); }

private:
    void tell(std::string_view type, OrderedJson fields);
    void put(std::string_view type, OrderedJson fields);

    LineWriter m_writer;
    std::mutex m_mutex;
    int64_t m_sequence = 0;
    int64_t m_dropped = 0;
    bool m_past_return = false;  ///< POSTCOPY was told.
    std::string m_transaction;
    std::string m_phase;
    Judge m_judge;
};

}  // namespace vmferry::cli
