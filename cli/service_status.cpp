#include "cli/service_status.hpp"

#include <fmt/format.h>

#include "core/base/units.hpp"

namespace vmferry::cli {

namespace {

constexpr Milliseconds k_between_progress{1000};
constexpr Milliseconds k_drain_limit{2000};
/// Longer than any phase is silent for: an answer to a probe, the end of an emulator, recovery.
constexpr std::chrono::microseconds k_more_time = std::chrono::minutes(2);

}  // namespace

ServiceStatus::ServiceStatus(const Systemd& systemd)
    : m_writer([&systemd](const std::string& state) {
          static_cast<void>(systemd.notify(0, state.c_str()));
          return true;
      })
{
}

void ServiceStatus::tell(const std::string& what)
{
    m_last = Monotonic::now();
    m_writer.put(fmt::format("STATUS={}: {}\nEXTEND_TIMEOUT_USEC={}", m_vm, what, k_more_time.count()));
}

void ServiceStatus::begun(const model::Plan& plan)
{
    m_vm = plan.vm_name;
    tell(fmt::format("{} -> {}, transaction {}", plan.source, plan.target, plan.transaction.brief()));
}

void ServiceStatus::resumed(const model::Plan& plan)
{
    m_vm = plan.vm_name;
    tell("recovery of transaction " + plan.transaction.brief());
}

void ServiceStatus::phase_started(std::string_view phase)
{
    m_phase = phase;
    tell(m_phase);
}

void ServiceStatus::settling(const std::string& what) { tell(what); }

void ServiceStatus::progress(const world::MigrationProgress& progress, Milliseconds /*downtime_limit*/)
{
    if (Monotonic::now() - m_last >= k_between_progress && m_writer.has_room()) {
        tell(fmt::format("{} pass {}, {} left", m_phase, progress.iteration, format_size(progress.remaining_bytes)));
    }
}

void ServiceStatus::drain() { m_writer.drain_for(k_drain_limit); }

}  // namespace vmferry::cli
