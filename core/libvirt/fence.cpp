#include "core/libvirt/fence.hpp"

#include "core/libvirt/domain.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/monitor.hpp"

namespace vmferry::libvirt {

namespace {

constexpr std::string_view k_stands = "postmigrate";

}  // namespace

void FenceSigns::lifecycle(int event, int detail)
{
    const std::lock_guard lock(m_mutex);
    switch (event) {
    case VIR_DOMAIN_EVENT_SUSPENDED: m_resumed = false; break;
    case VIR_DOMAIN_EVENT_RESUMED: m_resumed = true; break;
    case VIR_DOMAIN_EVENT_SHUTDOWN:
        m_ended = m_ended || (m_quit_sent && detail == VIR_DOMAIN_EVENT_SHUTDOWN_HOST);
        break;
    case VIR_DOMAIN_EVENT_STOPPED: m_ended = m_ended || m_quit_sent; break;
    default: return;
    }
    m_changed.notify_all();
}

void FenceSigns::quit_sent()
{
    const std::lock_guard lock(m_mutex);
    m_quit_sent = true;
}

void FenceSigns::connection_lost()
{
    const std::lock_guard lock(m_mutex);
    m_lost = true;
    m_changed.notify_all();
}

bool FenceSigns::resumed() const
{
    const std::lock_guard lock(m_mutex);
    return m_resumed;
}

Result<> FenceSigns::wait(Milliseconds limit)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, limit, [this] { return m_ended || m_resumed || m_lost; });
    if (m_resumed) {
        return fail(ErrorKind::unknown, "libvirt let the source run again before it was ended");
    }
    if (!m_ended) {
        return fail(ErrorKind::unknown, "no event tells that the source's emulator has ended");
    }
    return {};
}

Fence::Fence(std::shared_ptr<Connection> connection, std::shared_ptr<DomainHandle> domain, const Uuid& vm)
    : m_connection(std::move(connection)), m_domain(std::move(domain)), m_signs(std::make_shared<FenceSigns>())
{
    m_token = m_connection->listen({[signs = m_signs] { signs->connection_lost(); },
                                    [signs = m_signs, vm](const std::string& uuid, int event, int detail) {
                                        if (uuid == vm.str()) {
                                            signs->lifecycle(event, detail);
                                        }
                                    }});
}

Result<std::shared_ptr<Fence>> Fence::prepare(const std::string& source_uri, const std::string& label, const Uuid& vm)
{
    VMF_TRY_ASSIGN(auto connection, Connection::open(source_uri, label, limits::k_question));
    VMF_TRY_ASSIGN(auto domain, connection->ask(limits::k_question, "looking for " + vm.str(),
                                                [vm](virConnectPtr raw) -> Result<std::shared_ptr<DomainHandle>> {
                                                    VMF_TRY_ASSIGN(DomainHandle found, look_up(raw, vm));
                                                    return std::make_shared<DomainHandle>(std::move(found));
                                                }));
    return std::shared_ptr<Fence>(new Fence(std::move(connection), std::move(domain), vm));
}

Result<> Fence::ready()
{
    VMF_TRY_ASSIGN(const std::string status,
                   m_connection->ask(limits::k_progress, "asking the emulator",
                                     [domain = m_domain](virConnectPtr /*raw*/) -> Result<std::string> {
                                         VMF_TRY_ASSIGN(const Json answer,
                                                        monitor_command(domain->get(), "query-status"));
                                         return answer.value("status", std::string());
                                     }));
    if (status != k_stands) {
        return fail(ErrorKind::failed, "the source's emulator is in the state '" + status + "'");
    }
    return {};
}

Result<> Fence::quit()
{
    m_signs->quit_sent();
    const bool sent = run_detached([connection = m_connection, domain = m_domain] {
        // Its answer tells less than the events, and comes later.
        static_cast<void>(monitor_command(domain->get(), "quit"));
    });
    return sent ? Result<>{} : fail(ErrorKind::failed, "no thread could be started for the fence");
}

Result<> Fence::fire(Milliseconds limit)
{
    VMF_TRY(ready());
    if (m_signs->resumed()) {
        return fail(ErrorKind::failed, "libvirt let the source run again");
    }
    VMF_TRY(quit());
    return m_signs->wait(limit);
}

}  // namespace vmferry::libvirt
