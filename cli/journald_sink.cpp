#include "cli/journald_sink.hpp"

#include <algorithm>
#include <vector>

namespace vmferry::cli {

namespace {

/// No field of ours can hold it, so it ends each of them on the way to the thread.
constexpr char k_end_of_field = '\0';
constexpr Milliseconds k_drain_limit{2000};

/// Of syslog(3).
int priority_of(spdlog::level::level_enum level)
{
    switch (level) {
    case spdlog::level::critical: return 2;
    case spdlog::level::err: return 3;
    case spdlog::level::warn: return 4;
    case spdlog::level::info: return 6;
    default: return 7;
    }
}

void add(std::string& record, std::string_view name, std::string_view value)
{
    if (value.empty()) {
        return;
    }
    record.append(name).append("=").append(value);
    std::replace(record.end() - static_cast<std::ptrdiff_t>(value.size()), record.end(), k_end_of_field, ' ');
    record += k_end_of_field;
}

/// A journald that is away for a moment misses an entry; the next one may reach it.
bool send(const Systemd& systemd, const std::string& record)
{
    std::vector<iovec> fields;
    for (size_t begin = 0; begin < record.size();) {
        const size_t end = record.find(k_end_of_field, begin);
        fields.push_back({const_cast<char*>(record.data() + begin), end - begin});
        begin = end + 1;
    }
    static_cast<void>(systemd.journal_sendv(fields.data(), static_cast<int>(fields.size())));
    return true;
}

}  // namespace

JournaldSink::JournaldSink(const Systemd& systemd)
    : m_writer([&systemd](const std::string& record) { return send(systemd, record); })
{
}

void JournaldSink::speak_of(const model::Plan& plan)
{
    const std::lock_guard lock(mutex_);
    m_subject = {plan.transaction.str(), plan.vm_name, plan.vm_uuid.str(), plan.source, plan.target, {}};
}

void JournaldSink::speak_of_phase(std::string_view phase)
{
    const std::lock_guard lock(mutex_);
    m_subject.phase = phase;
}

void JournaldSink::tell(JournaldEvent event, spdlog::level::level_enum level, const std::string& message,
                        std::string_view code)
{
    const std::lock_guard lock(mutex_);
    put(event, level, message, code);
}

void JournaldSink::drain() { m_writer.drain_for(k_drain_limit); }

void JournaldSink::sink_it_(const spdlog::details::log_msg& message)
{
    if (m_writer.has_room()) {
        put(JournaldEvent::log, message.level, {message.payload.data(), message.payload.size()}, {});
    }
}

void JournaldSink::put(JournaldEvent event, spdlog::level::level_enum level, std::string_view message,
                       std::string_view code)
{
    std::string record;
    add(record, "MESSAGE", message);
    add(record, "PRIORITY", std::to_string(priority_of(level)));
    add(record, "SYSLOG_IDENTIFIER", "vmferry");
    add(record, "MESSAGE_ID", message_id(event));
    add(record, "VMFERRY_TX", m_subject.transaction);
    add(record, "VMFERRY_VM", m_subject.vm);
    add(record, "VMFERRY_VM_UUID", m_subject.vm_uuid);
    add(record, "VMFERRY_PHASE", m_subject.phase);
    add(record, "VMFERRY_SOURCE", m_subject.source);
    add(record, "VMFERRY_TARGET", m_subject.target);
    add(record, "VMFERRY_CODE", code);
    m_writer.put(std::move(record));
}

}  // namespace vmferry::cli
