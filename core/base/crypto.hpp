// When OpenSSL reads its configuration. By itself it does so at the first use of anything, a digest as well: that is
// a third of the start of `vmferry status`. The system's policy (openssl.cnf: protocols, ciphers, providers) concerns
// keys and connections, so it is read when the first of these is made, and holds for all of them.

#pragma once

namespace vmferry {

/// Before the first digest: OpenSSL without its configuration.
void start_crypto();
/// Before the first key or TLS session: the system's policy. May be called again, and from any thread.
void load_crypto_policy();

}  // namespace vmferry
