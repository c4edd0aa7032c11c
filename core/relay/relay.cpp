#include "core/relay/relay.hpp"

#include <fmt/format.h>

#include <csignal>

#include "core/relay/pump.hpp"
#include "core/relay/uri.hpp"

namespace vmferry::relay {

namespace {

/// A thread that no signal is delivered to: those are for the main thread to take.
template <typename Function>
std::thread start_deaf_thread(Function function)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(std::move(function));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

/// `name` makes libvirt's client ask the daemon for exactly what it would ask without a relay.
std::string client_uri_of(const std::string& socket_path, const std::string& driver_uri)
{
    return fmt::format("qemu+unix:///system?socket={}&name={}", percent_encode(socket_path),
                       percent_encode(driver_uri));
}

}  // namespace

Result<std::unique_ptr<Relay>> Relay::start(const Endpoint& endpoint, std::function<void(RelayEvent)> on_event,
                                            Milliseconds connect_limit)
{
    VMF_TRY_ASSIGN(auto control, Control::make());
    VMF_TRY_ASSIGN(auto listener, PrivateSocket::listen());
    VMF_TRY_ASSIGN(Connection connection, connect_to(endpoint, connect_limit));
    std::unique_ptr<Relay> relay(new Relay(std::move(control), client_uri_of(listener->path(), endpoint.driver_uri)));
    auto pump = std::make_unique<Pump>(*relay->m_control, std::move(on_event), std::move(listener),
                                       std::move(connection), describe(endpoint));
    // The thread owns the pump, so that sockets and ssh end with its work and not with the relay.
    relay->m_thread = start_deaf_thread([owned = std::move(pump)]() mutable {
        owned->run();
        owned.reset();
    });
    return relay;
}

Relay::~Relay()
{
    m_control->stop();
    m_thread.join();
}

}  // namespace vmferry::relay
