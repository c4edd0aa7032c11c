#include "cli/service.hpp"

namespace vmferry::cli {

Service::Service()
{
    const bool journald = journald_listens();
    const bool manager = service_manager_listens();
    const Systemd* systemd = journald || manager ? load_systemd() : nullptr;
    if (systemd == nullptr) {
        return;
    }
    if (journald) {
        m_sink = std::make_shared<JournaldSink>(*systemd);
        m_journald = std::make_unique<JournaldReporter>(m_sink);
    }
    if (manager) {
        m_status = std::make_unique<ServiceStatus>(*systemd);
    }
}

void Service::add_to(Reporters& reporters)
{
    if (m_journald) {
        reporters.add(*m_journald);
    }
    if (m_status) {
        reporters.add(*m_status);
    }
}

void Service::drain()
{
    if (m_sink) {
        m_sink->drain();
    }
    if (m_status) {
        m_status->drain();
    }
}

}  // namespace vmferry::cli
