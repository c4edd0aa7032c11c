#include "core/libvirt/connection.hpp"

#include <array>

#include "core/base/secret.hpp"
#include "core/libvirt/event_loop.hpp"
#include "core/libvirt/handles.hpp"
#include "core/libvirt/limits.hpp"

namespace vmferry::libvirt {

/// Spreads what libvirt's callbacks say. It lives as long as a callback may come, which can be longer
/// than the connection.
class Connection::Hub {
public:
    void add(const Token& token)
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_listeners, [](const std::weak_ptr<Listener>& one) { return one.expired(); });
        m_listeners.push_back(token);
    }

    void close()
    {
        if (m_closed.exchange(true)) {
            return;
        }
        for (const Token& token : listeners()) {
            if (token->closed) {
                token->closed();
            }
        }
    }

    void lifecycle(const std::string& uuid, int event, int detail)
    {
        for (const Token& token : listeners()) {
            if (token->lifecycle) {
                token->lifecycle(uuid, event, detail);
            }
        }
    }

    [[nodiscard]] bool closed() const { return m_closed.load(); }

    static void on_close(virConnectPtr /*connection*/, int /*reason*/, void* opaque)
    {
        (*static_cast<std::shared_ptr<Hub>*>(opaque))->close();
    }
    static int on_lifecycle(virConnectPtr /*connection*/, virDomainPtr domain, int event, int detail, void* opaque)
    {
        std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
        if (virDomainGetUUIDString(domain, uuid.data()) == 0) {
            (*static_cast<std::shared_ptr<Hub>*>(opaque))->lifecycle(uuid.data(), event, detail);
        }
        return 0;
    }
    static void forget(void* opaque) { delete static_cast<std::shared_ptr<Hub>*>(opaque); }

private:
    std::vector<Token> listeners()
    {
        const std::lock_guard lock(m_mutex);
        std::vector<Token> present;
        for (const std::weak_ptr<Listener>& one : m_listeners) {
            if (Token token = one.lock()) {
                present.push_back(std::move(token));
            }
        }
        return present;
    }

    std::mutex m_mutex;
    std::vector<std::weak_ptr<Listener>> m_listeners;
    std::atomic<bool> m_closed{false};
};

namespace {

/// What auth.conf does not know is not asked of anybody: vmferry runs unattended.
int answer_nothing(virConnectCredentialPtr /*wanted*/, unsigned int /*count*/, void* /*unused*/) { return -1; }

virConnectPtr open_unattended(const std::string& uri)
{
    static std::array<int, 4> credentials{VIR_CRED_AUTHNAME, VIR_CRED_ECHOPROMPT, VIR_CRED_PASSPHRASE,
                                          VIR_CRED_NOECHOPROMPT};
    virConnectAuth auth{};
    auth.credtype = credentials.data();
    auth.ncredtype = credentials.size();
    auth.cb = answer_nothing;
    return virConnectOpenAuth(uri.empty() ? nullptr : uri.c_str(), &auth, 0);
}

}  // namespace

Connection::Connection(virConnectPtr connection, std::string label)
    : m_connection(connection), m_label(std::move(label)), m_hub(std::make_shared<Hub>())
{
}

Connection::~Connection()
{
    // Callbacks hold references inside libvirt: without deregistering the connection would never close.
    static_cast<void>(
        bounded(limits::k_close,
                [connection = m_connection, close = m_close_callback, lifecycle = m_lifecycle_callback]() -> Result<> {
                    if (lifecycle >= 0) {
                        virConnectDomainEventDeregisterAny(connection, lifecycle);
                    }
                    if (close) {
                        virConnectUnregisterCloseCallback(connection, Hub::on_close);
                    }
                    virConnectClose(connection);
                    return {};
                }));
}

Result<std::shared_ptr<Connection>> Connection::open(const std::string& uri, const std::string& label,
                                                     Milliseconds limit, Keepalive keepalive)
{
    VMF_TRY(start_event_loop());
    auto opened = bounded(limit, [uri, label, keepalive] { return open_now(uri, label, keepalive); });
    if (!opened && opened.error().kind() == ErrorKind::unknown) {
        return fail(Error(ErrorKind::unreachable, "host " + label + " does not answer")
                        .with_cause(opened.error().what())
                        .with_next(try_by_hand(uri)));
    }
    return opened;
}

Result<std::shared_ptr<Connection>> Connection::open_now(const std::string& uri, const std::string& label,
                                                         Keepalive keepalive)
{
    virConnectPtr raw = open_unattended(uri);
    if (raw == nullptr) {
        return fail(open_error_of(Failure::last(), uri, label));
    }
    const std::shared_ptr<Connection> connection(new Connection(raw, label));
    connection->register_close();
    if (keepalive == Keepalive::on) {
        // Drivers without a wire (the test driver) have no keepalive and need none.
        static_cast<void>(virConnectSetKeepAlive(raw, limits::k_keepalive_interval_s, limits::k_keepalive_count));
        connection->register_lifecycle();
    }
    if (!connection->alive()) {
        return fail(ErrorKind::unreachable, "host " + label + " closed the connection");
    }
    return connection;
}

// libvirt frees what a callback owns only when it took the callback.

void Connection::register_close()
{
    auto owned = std::make_unique<std::shared_ptr<Hub>>(m_hub);
    m_close_callback = virConnectRegisterCloseCallback(m_connection, Hub::on_close, owned.get(), Hub::forget) == 0;
    if (m_close_callback) {
        static_cast<void>(owned.release());
    }
}

void Connection::register_lifecycle()
{
    auto owned = std::make_unique<std::shared_ptr<Hub>>(m_hub);
    m_lifecycle_callback =
        virConnectDomainEventRegisterAny(m_connection, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         VIR_DOMAIN_EVENT_CALLBACK(Hub::on_lifecycle), owned.get(), Hub::forget);
    if (m_lifecycle_callback >= 0) {
        static_cast<void>(owned.release());
    }
}

bool Connection::alive() const { return !m_hub->closed() && virConnectIsAlive(m_connection) == 1; }

std::optional<Error> Connection::reason_not_to_call() const
{
    if (!alive()) {
        return Error(ErrorKind::unreachable, "the connection to " + m_label + " is gone");
    }
    if (m_abandoned.load() >= k_abandoned_max) {
        return Error(ErrorKind::unreachable, "earlier calls to " + m_label + " are still without answer");
    }
    return std::nullopt;
}

Connection::Token Connection::listen(Listener listener)
{
    auto token = std::make_shared<Listener>(std::move(listener));
    m_hub->add(token);
    return token;
}

Connection::Claim Connection::claim(const std::string& key, Milliseconds patience)
{
    std::unique_lock lock(m_claims_mutex);
    if (!m_claim_freed.wait_for(lock, patience, [&] { return !m_claims.contains(key); })) {
        return nullptr;
    }
    m_claims.insert(key);
    return Claim(new std::string(key), [self = shared_from_this()](const std::string* claimed) {
        {
            const std::lock_guard give_back(self->m_claims_mutex);
            self->m_claims.erase(*claimed);
        }
        self->m_claim_freed.notify_all();
        delete claimed;
    });
}

}  // namespace vmferry::libvirt
