// Where a target's daemon listens, as a libvirt URI says it, for the transports the relay can stand in.
//
// The reading agrees with libvirt 9.0, quirks included, so that the relay reaches the same daemon as
// the observers, which hand the same URI to libvirt. Aliases of libvirt.conf are not resolved: give
// the URI that virConnectGetURI reports.

#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/base/result.hpp"

namespace vmferry::relay {

struct TcpEndpoint {
    std::string host;
    std::string port;
    bool operator==(const TcpEndpoint&) const = default;
};

/// libvirt's TLS. `host` is also the name that the daemon's certificate must bear.
struct TlsEndpoint {
    std::string host;
    std::string port;
    std::string pkipath;     ///< Directory of the client's certificates; empty: libvirt's usual places.
    bool no_verify = false;  ///< The daemon's certificate is not checked, as libvirt's own no_verify=1.
    bool operator==(const TlsEndpoint&) const = default;
};

struct UnixEndpoint {
    std::string path;
    bool operator==(const UnixEndpoint&) const = default;
};

/// How the far end of ssh gets from its standard input to the daemon's socket.
enum class SshProxy { automatic, native, netcat };

/// Empty strings stand for "not given"; ssh's own configuration fills them. There is no known_hosts:
/// libvirt heeds that parameter only for its libssh transports, and so do we.
struct SshEndpoint {
    std::string host;
    std::string port;
    std::string user;
    std::string keyfile;
    std::string command = "ssh";
    std::string netcat = "nc";
    std::string socket_path;
    SshProxy proxy = SshProxy::automatic;
    bool no_tty = false;
    bool no_verify = false;
    bool operator==(const SshEndpoint&) const = default;
};

struct Endpoint {
    std::variant<TcpEndpoint, TlsEndpoint, UnixEndpoint, SshEndpoint> transport;
    /// What libvirt's client asks the daemon to open: "qemu:///system".
    std::string driver_uri;
    bool operator==(const Endpoint&) const = default;
};

/// Kind `usage` for a URI that libvirt would not take either; kind `failed` for a transport in which
/// the guarded switch cannot hold the reply (libssh, libssh2, ext), or a tls_priority, which only GnuTLS reads. For a
/// local URI without a socket it looks, as libvirt does, which daemon's socket exists on this machine.
[[nodiscard]] Result<Endpoint> endpoint_of(std::string_view libvirt_uri);

/// For messages: "tcp host:16509", "tls host:16514", "unix /path", "ssh user@host".
[[nodiscard]] std::string describe(const Endpoint& endpoint);

}  // namespace vmferry::relay
