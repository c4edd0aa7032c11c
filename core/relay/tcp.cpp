#include "core/relay/tcp.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

namespace vmferry::relay {

namespace {

constexpr int k_idle_seconds = 10;
constexpr int k_probe_seconds = 5;
constexpr int k_probes = 4;
constexpr int k_unacknowledged_ms_max = 30000;

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

struct Lookup {
    int error = 0;
    std::vector<Address> addresses;
};

Lookup look_up(const TcpEndpoint& tcp, int flags)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* list = nullptr;
    Lookup lookup;
    lookup.error = ::getaddrinfo(tcp.host.c_str(), tcp.port.c_str(), &hints, &list);
    for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
        Address address;
        address.length = std::min(item->ai_addrlen, static_cast<socklen_t>(sizeof address.storage));
        std::copy_n(reinterpret_cast<const char*>(item->ai_addr), address.length,
                    reinterpret_cast<char*>(&address.storage));
        lookup.addresses.push_back(address);
    }
    if (list != nullptr) {
        ::freeaddrinfo(list);
    }
    return lookup;
}

/// getaddrinfo knows no limit, so a name is looked up in a thread that we stop waiting for.
Lookup look_up_within(const TcpEndpoint& tcp, Milliseconds limit)
{
    Lookup numeric = look_up(tcp, AI_NUMERICHOST);
    if (numeric.error != EAI_NONAME) {
        return numeric;
    }
    auto promise = std::make_shared<std::promise<Lookup>>();
    std::future<Lookup> future = promise->get_future();
    std::thread([promise, tcp] { promise->set_value(look_up(tcp, 0)); }).detach();
    if (future.wait_for(limit) != std::future_status::ready) {
        return {EAI_AGAIN, {}};
    }
    return future.get();
}

void set_option(int socket, int level, int option, int value)
{
    // Each of these only makes a good connection better, so a refusal is no error.
    static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
}

void tune(int socket)
{
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, k_idle_seconds);
    set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, k_probe_seconds);
    set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, k_probes);
    set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, k_unacknowledged_ms_max);
}

}  // namespace

int connect_within(int socket, const sockaddr* address, unsigned int length, Milliseconds limit)
{
    if (::connect(socket, address, length) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS && errno != EINTR) {
        return errno;
    }
    const Deadline deadline(limit);
    pollfd waiting{socket, POLLOUT, 0};
    int ready = 0;
    do {
        ready = ::poll(&waiting, 1, static_cast<int>(deadline.left().count()));
    } while (ready < 0 && errno == EINTR);
    int error = ready == 0 ? ETIMEDOUT : errno;
    socklen_t error_length = sizeof error;
    if (ready > 0 && ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &error_length) != 0) {
        error = errno;
    }
    return error;
}

Result<Fd> connect_tcp(const TcpEndpoint& tcp, Milliseconds limit)
{
    const Deadline deadline(limit);
    const Lookup lookup = look_up_within(tcp, limit);
    if (lookup.error != 0) {
        return fail(Error(ErrorKind::unreachable, fmt::format("cannot resolve the host name '{}'", tcp.host))
                        .with_cause(::gai_strerror(lookup.error)));
    }
    int error = EHOSTUNREACH;
    auto addresses_left = static_cast<int64_t>(lookup.addresses.size());
    for (const Address& address : lookup.addresses) {
        Fd socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        // A dead first address must not eat the time of a living second one.
        const Milliseconds share = deadline.left() / addresses_left--;
        error = socket ? connect_within(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage),
                                        address.length, share)
                       : errno;
        if (error == 0) {
            tune(socket.get());
            return socket;
        }
    }
    return fail(Error(ErrorKind::unreachable, fmt::format("no answer at {}", describe({tcp, ""})))
                    .with_cause(std::generic_category().message(error)));
}

}  // namespace vmferry::relay
