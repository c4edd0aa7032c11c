#include "core/relay/endpoint.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/base/secret.hpp"
#include "core/relay/parameters.hpp"
#include "core/relay/uri.hpp"

namespace vmferry::relay {

namespace {

constexpr std::string_view k_tcp_port = "16509";
constexpr std::string_view k_tls_port = "16514";
constexpr std::string_view k_system_directory = "/var/run/libvirt";

Result<> check_mode(const Parameters& parameters)
{
    const std::string mode = parameters.text("mode", "auto");
    if (mode != "auto" && mode != "legacy" && mode != "direct") {
        return fail(ErrorKind::usage, fmt::format("the mode '{}' is none of auto, legacy and direct", mode));
    }
    return {};
}

std::string local_directory(const Uri& uri)
{
    if (uri.path != "/session" || geteuid() == 0) {
        return std::string(k_system_directory);
    }
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    return fmt::format("{}/libvirt", runtime != nullptr ? runtime : fmt::format("/run/user/{}", geteuid()));
}

Result<Endpoint> unix_endpoint(const Uri& uri, const Parameters& parameters)
{
    if (!uri.host.empty()) {
        return fail(ErrorKind::usage, "a unix socket has no host name");
    }
    std::string path = parameters.text("socket");
    if (!parameters.has("socket")) {
        const std::string mode = parameters.text("mode", "auto");
        const std::string direct = local_directory(uri) + "/virtqemud-sock";
        const bool modular = mode == "auto" ? access(direct.c_str(), F_OK) == 0 : mode == "direct";
        path = modular ? direct : local_directory(uri) + "/libvirt-sock";
    }
    return Endpoint{UnixEndpoint{std::move(path)}, parameters.driver_uri()};
}

Result<Endpoint> tcp_endpoint(const Uri& uri, const Parameters& parameters)
{
    TcpEndpoint tcp{uri.host.empty() ? "localhost" : uri.host, uri.port.empty() ? std::string(k_tcp_port) : uri.port};
    return Endpoint{std::move(tcp), parameters.driver_uri()};
}

Result<Endpoint> tls_endpoint(const Uri& uri, const Parameters& parameters)
{
    if (parameters.has("tls_priority")) {
        return fail(Error(ErrorKind::failed, "the guarded switch cannot heed tls_priority: only GnuTLS understands it")
                        .with_next("leave tls_priority out of the target's URI; the host's own setting still holds"));
    }
    TlsEndpoint tls;
    tls.host = uri.host.empty() ? "localhost" : uri.host;
    tls.port = uri.port.empty() ? std::string(k_tls_port) : uri.port;
    tls.pkipath = parameters.text("pkipath");
    VMF_TRY_ASSIGN(tls.no_verify, parameters.flag("no_verify"));
    return Endpoint{std::move(tls), parameters.driver_uri()};
}

Result<SshProxy> proxy_of(const Parameters& parameters)
{
    // A socket or netcat of the user's choice is nothing the helper can be told about.
    const std::string* given = parameters.find("proxy");
    const bool by_netcat = parameters.has("netcat") || (given == nullptr && parameters.has("socket"));
    const std::string proxy = given != nullptr ? *given : "auto";
    if (proxy == "auto") {
        return by_netcat ? SshProxy::netcat : SshProxy::automatic;
    }
    if (proxy == "netcat") {
        return SshProxy::netcat;
    }
    if (proxy != "native") {
        return fail(ErrorKind::usage, fmt::format("the proxy '{}' is none of auto, native and netcat", proxy));
    }
    if (parameters.has("netcat")) {
        return fail(ErrorKind::usage, "proxy=native uses no netcat");
    }
    return SshProxy::native;
}

Result<Endpoint> ssh_endpoint(const Uri& uri, const Parameters& parameters)
{
    if (parameters.text("mode") == "direct") {
        return fail(ErrorKind::usage, "mode=direct is for local sockets, not for ssh");
    }
    SshEndpoint ssh;
    ssh.host = uri.host.empty() ? "localhost" : uri.host;
    ssh.port = uri.port;
    ssh.user = uri.user;
    ssh.keyfile = parameters.text("keyfile");
    ssh.command = parameters.text("command", ssh.command);
    ssh.netcat = parameters.text("netcat", ssh.netcat);
    ssh.socket_path = parameters.text("socket", fmt::format("{}/libvirt-sock", k_system_directory));
    VMF_TRY_ASSIGN(ssh.proxy, proxy_of(parameters));
    VMF_TRY_ASSIGN(ssh.no_tty, parameters.flag("no_tty"));
    VMF_TRY_ASSIGN(ssh.no_verify, parameters.flag("no_verify"));
    return Endpoint{std::move(ssh), parameters.driver_uri()};
}

Result<Endpoint> no_endpoint(std::string_view transport)
{
    static constexpr std::array<std::string_view, 3> k_known{"libssh", "libssh2", "ext"};
    if (std::find(k_known.begin(), k_known.end(), transport) == k_known.end()) {
        return fail(ErrorKind::usage, fmt::format("libvirt has no transport '{}'", transport));
    }
    return fail(
        Error(ErrorKind::failed,
              fmt::format("the guarded switch cannot hold the reply of Finish in the transport '{}'", transport))
            .with_next("use qemu+ssh://HOST/system for the target"));
}

Result<Endpoint> endpoint_of_parts(const Uri& uri)
{
    const size_t plus = uri.scheme.find('+');
    const std::string driver = uri.scheme.substr(0, plus);
    if (driver != "qemu") {
        return fail(ErrorKind::usage, fmt::format("the driver '{}' is not qemu", driver));
    }
    if (uri.path != "/system" && uri.path != "/session") {
        return fail(ErrorKind::usage, fmt::format("it must end with /system or /session, not '{}'", uri.path));
    }
    const Parameters parameters(uri);
    VMF_TRY(check_mode(parameters));
    const std::string by_default = uri.host.empty() ? "unix" : "tls";
    const std::string transport = plus == std::string::npos ? by_default : lower_case(uri.scheme.substr(plus + 1));
    if (transport == "unix") {
        return unix_endpoint(uri, parameters);
    }
    if (transport == "tcp") {
        return tcp_endpoint(uri, parameters);
    }
    if (transport == "tls") {
        return tls_endpoint(uri, parameters);
    }
    return transport == "ssh" ? ssh_endpoint(uri, parameters) : no_endpoint(transport);
}

std::string host_and_port(const std::string& host, const std::string& port)
{
    const bool v6 = host.find(':') != std::string::npos;
    return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

struct Describer {
    std::string operator()(const TcpEndpoint& tcp) const { return "tcp " + host_and_port(tcp.host, tcp.port); }
    std::string operator()(const TlsEndpoint& tls) const { return "tls " + host_and_port(tls.host, tls.port); }
    std::string operator()(const UnixEndpoint& local) const { return "unix " + local.path; }
    std::string operator()(const SshEndpoint& ssh) const
    {
        return fmt::format("ssh {}{}{}", ssh.user, ssh.user.empty() ? "" : "@", ssh.host);
    }
};

}  // namespace

Result<Endpoint> endpoint_of(std::string_view libvirt_uri)
{
    VMF_TRY_ASSIGN(const Uri uri, parse_uri(libvirt_uri));
    auto endpoint = endpoint_of_parts(uri);
    if (!endpoint) {
        return fail(std::move(endpoint.error()).in(fmt::format("in the host URI {}", redact_uri(libvirt_uri))));
    }
    return endpoint;
}

std::string describe(const Endpoint& endpoint) { return std::visit(Describer(), endpoint.transport); }

}  // namespace vmferry::relay
