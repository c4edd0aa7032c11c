// Where libvirt's client looks for its certificates, so that the relay shows the same ones as the
// observers, which are libvirt's own connections to the same URI.

#pragma once

#include <string>

#include "core/relay/endpoint.hpp"

namespace vmferry::relay {

struct TlsFiles {
    std::string authority;    ///< Must exist.
    std::string revocations;  ///< Heeded when it exists.
    std::string certificate;  ///< The client's. Without it and its key none is shown.
    std::string key;
    bool operator==(const TlsFiles&) const = default;
};

/// `pkipath` alone when it is given, whether or not the files are there. Else, for users other than
/// root, what is in `home`/.pki/libvirt (certificate and key only as a pair), and the rest of /etc/pki.
[[nodiscard]] TlsFiles tls_files(const std::string& pkipath, const std::string& home, bool root);
/// The same for this process.
[[nodiscard]] TlsFiles tls_files(const TlsEndpoint& endpoint);

}  // namespace vmferry::relay
