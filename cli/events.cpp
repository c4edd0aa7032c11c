#include "cli/events.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "cli/report.hpp"
#include "cli/version.hpp"
#include "core/base/clock.hpp"

namespace vmferry::cli {

using journal::Kind;

namespace {

/// What an entry says of the step that its object names; empty: it is no step.
std::string_view step_status(Kind kind)
{
    switch (kind) {
    case Kind::ledger: return "start";
    case Kind::done: return "done";
    case Kind::undoing: return "undo-start";
    case Kind::undone: return "undone";
    case Kind::debt: return "owed";
    case Kind::settled: return "settled";
    default: return {};
    }
}

Milliseconds monotonic_now() { return std::chrono::duration_cast<Milliseconds>(Monotonic::now().time_since_epoch()); }

int number_of(std::string_view text)
{
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

int open_descriptor(const std::string& destination)
{
    if (destination == "-") {
        return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    }
    if (destination.starts_with("fd:")) {
        const int given = number_of(std::string_view(destination).substr(3));
        return given < 0 ? ::close(-1) : ::fcntl(given, F_DUPFD_CLOEXEC, 3);
    }
    return ::open(destination.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
}

}  // namespace

Result<Fd> open_events(const std::string& destination)
{
    Fd fd(open_descriptor(destination));
    const int mode = fd ? ::fcntl(fd.get(), F_GETFL) & O_ACCMODE : O_RDONLY;
    if (fd && mode != O_RDONLY) {
        return fd;
    }
    return fail(Error(ErrorKind::usage, fmt::format("events cannot be written to '{}'", destination))
                    .with_cause(fd ? "it is open for reading only" : std::strerror(errno))
                    .with_next("give a file, fd:N of an open descriptor, or - for stdout"));
}

Events::Events(int fd) : m_writer(fd)
{
    OrderedJson fields;
    fields["schema"] = k_events_schema;
    fields["vmferry"] = k_version;
    fields["pid"] = ::getpid();
    tell("hello", std::move(fields));
}

void Events::put(std::string_view type, OrderedJson fields)
{
    OrderedJson line;
    line["type"] = type;
    line["seq"] = m_sequence++;
    line["ts"] = rfc3339(wall_clock_ms());
    if (!m_transaction.empty() && type != "result") {
        line["tx"] = m_transaction;
    }
    for (auto& [key, value] : fields.items()) {
        line[key] = std::move(value);
    }
    m_writer.put(dump_line(line));
}

void Events::tell(std::string_view type, OrderedJson fields)
{
    const std::lock_guard lock(m_mutex);
    put(type, std::move(fields));
}

void Events::begun(const model::Plan& plan)
{
    {
        const std::lock_guard lock(m_mutex);
        m_transaction = plan.transaction.str();
        m_judge = {};
    }
    OrderedJson fields;
    fields["command"] = plan.command;
    fields["vm"] = plan.vm_name;
    fields["vm_uuid"] = plan.vm_uuid.str();
    fields["from"] = plan.source;
    fields["to"] = plan.target;
    tell("tx-begin", std::move(fields));
}

void Events::phase_started(std::string_view phase)
{
    {
        const std::lock_guard lock(m_mutex);
        m_phase = phase;
    }
    tell("phase", {{"phase", phase}, {"state", "start"}});
}

void Events::phase_done(std::string_view phase, Milliseconds took, const std::string& /*detail*/)
{
    tell("phase", {{"phase", phase}, {"state", "done"}, {"duration_ms", took.count()}});
}

void Events::phase_failed(std::string_view phase, const Error& error)
{
    tell("phase", {{"phase", phase}, {"state", "failed"}, {"error", error_json(error)}});
}

void Events::finding(const model::Finding& finding) { tell("check", check_json(finding)); }

void Events::progress(const world::MigrationProgress& progress, Milliseconds downtime_limit)
{
    const std::lock_guard lock(m_mutex);
    const Verdict verdict = m_judge.judge(progress, monotonic_now());
    if (!m_writer.has_room()) {
        ++m_dropped;
        return;
    }
    const auto left = time_left(progress, verdict);
    OrderedJson fields;
    fields["phase"] = m_phase;
    fields["pass"] = progress.iteration;
    fields["remaining_bytes"] = progress.remaining_bytes;
    fields["total_bytes"] = progress.total_bytes;
    fields["rate_bytes_per_s"] = progress.rate_bytes_per_s;
    fields["dirty_bytes_per_s"] = progress.dirty_bytes_per_s;
    fields["downtime_limit_ms"] = downtime_limit.count();
    fields["verdict"] = to_string(verdict);
    fields["eta_ms"] = left ? OrderedJson(left->count()) : OrderedJson();
    fields["dropped"] = std::exchange(m_dropped, 0);
    put("progress", std::move(fields));
}

void Events::copying(const std::vector<world::CopyProgress>& disks)
{
    const std::lock_guard lock(m_mutex);
    if (!m_writer.has_room()) {
        ++m_dropped;
        return;
    }
    OrderedJson fields;
    fields["phase"] = m_phase;
    fields["disks"] = OrderedJson::array();
    for (const world::CopyProgress& disk : disks) {
        OrderedJson one;
        one["target"] = disk.target;
        one["copied_bytes"] = disk.done_bytes;
        one["total_bytes"] = disk.total_bytes;
        one["remaining_bytes"] = disk.remaining_bytes();
        one["rate_bytes_per_s"] = disk.rate_bytes_per_s;
        one["ready"] = disk.ready;
        fields["disks"].push_back(std::move(one));
    }
    fields["dropped"] = std::exchange(m_dropped, 0);
    put("copy-progress", std::move(fields));
}

void Events::warning(const std::string& text) { tell("warning", {{"message", text}}); }

void Events::settling(const std::string& what) { tell("recovery", {{"state", "start"}, {"reason", what}}); }

void Events::settled_step(const std::string& what) { tell("recovery", {{"state", "step"}, {"reason", what}}); }

void Events::recorded(const Uuid& transaction, const journal::Draft& draft)
{
    {
        const std::lock_guard lock(m_mutex);
        m_transaction = transaction.str();
    }
    if (const std::string_view status = step_status(draft.kind); !status.empty()) {
        tell("step", {{"action", draft.object}, {"status", status}});
    } else if (draft.kind == Kind::commit) {
        tell("commit", OrderedJson::object());
    } else if (draft.kind == Kind::postcopy) {
        tell("postcopy", {{"reason", draft.body->value("reason", "")}});
        m_past_return = true;
        tell("pnr", OrderedJson::object());
    } else if (draft.kind == Kind::resumed && !m_past_return) {
        tell("pnr", OrderedJson::object());
    }
}

void Events::result(const OrderedJson& record) { tell("result", record); }

}  // namespace vmferry::cli
