// A TLS client session by OpenSSL over a Channel, with the checks that libvirt's client makes.

#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "core/base/handle.hpp"
#include "core/base/result.hpp"
#include "core/relay/channel.hpp"
#include "core/relay/tls_files.hpp"

namespace vmferry::relay {

using SslHandle = Handle<SSL, SSL_free>;

/// A session over `below`, which must outlive it; nothing is sent yet. TLS 1.2 or later, no
/// renegotiation, and no SIGPIPE. Kind `denied` when a file cannot be read or does not fit another.
[[nodiscard]] Result<SslHandle> make_tls_session(Channel& below, const TlsFiles& files);

/// After the handshake: the chain, the time, and that the certificate is for `host`, a DNS name or an
/// address. Kind `denied`, and says what the certificate is good for.
[[nodiscard]] Result<> check_certificate(SSL& session, const std::string& host, const TlsFiles& files);

/// What OpenSSL says of this thread's last failure; forgets it. Empty when it says nothing.
[[nodiscard]] std::string take_tls_error();

}  // namespace vmferry::relay
