// An authority, certificates and a daemon behind TLS, made while the test runs.

#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "core/base/handle.hpp"
#include "core/relay/endpoint.hpp"

namespace vmferry::relay::test {

using KeyHandle = Handle<EVP_PKEY, EVP_PKEY_free>;
using CertificateHandle = Handle<X509, X509_free>;

struct Identity {
    KeyHandle key;
    CertificateHandle certificate;
};

/// What a certificate is made of. Times are seconds from now.
struct Wanted {
    std::string name = "daemon";
    std::string alternatives = "DNS:localhost,IP:127.0.0.1";  ///< Empty: none.
    long begins = -3600;
    long ends = 3600;
};

[[nodiscard]] Identity make_authority(const std::string& name);
[[nodiscard]] Identity issue(const Identity& authority, const Wanted& wanted);
/// Writes cacert.pem, and clientcert.pem and clientkey.pem when there is a client.
void write_pki(const std::filesystem::path& directory, const Identity& authority, const Identity* client);
/// Writes cacrl.pem: the authority has revoked that certificate.
void write_revocation(const std::filesystem::path& directory, const Identity& authority, const Identity& revoked);

/// Serves one connection on 127.0.0.1 with its own thread. `serve` runs after a good handshake, with a
/// client certificate of `authority` demanded; `accepted` is then what the daemon says of it first.
class TlsDaemon {
public:
    TlsDaemon(const Identity& authority, const Identity& identity, std::function<void(SSL&)> serve);
    ~TlsDaemon();
    TlsDaemon(const TlsDaemon&) = delete;
    TlsDaemon& operator=(const TlsDaemon&) = delete;

    [[nodiscard]] TlsEndpoint endpoint(const std::filesystem::path& pkipath) const;

private:
    Handle<SSL_CTX, SSL_CTX_free> m_context;
    Fd m_listener;
    std::string m_port;
    std::thread m_thread;
};

/// A TCP port on 127.0.0.1 that listens, and the descriptor behind it.
[[nodiscard]] std::pair<Fd, std::string> listen_tcp();

/// libvirt's daemon accepts the client.
void accept_client(SSL& session);

}  // namespace vmferry::relay::test
