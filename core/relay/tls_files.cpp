#include "core/relay/tls_files.hpp"

#include <unistd.h>

#include <cstdlib>

namespace vmferry::relay {

namespace {

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

TlsFiles files_in(const std::string& directory)
{
    return {directory + "/cacert.pem", directory + "/cacrl.pem", directory + "/clientcert.pem",
            directory + "/clientkey.pem"};
}

}  // namespace

TlsFiles tls_files(const std::string& pkipath, const std::string& home, bool root)
{
    if (!pkipath.empty()) {
        return files_in(pkipath);
    }
    TlsFiles files{"/etc/pki/CA/cacert.pem", "/etc/pki/CA/cacrl.pem", "/etc/pki/libvirt/clientcert.pem",
                   "/etc/pki/libvirt/private/clientkey.pem"};
    if (root || home.empty()) {
        return files;
    }
    const TlsFiles own = files_in(home + "/.pki/libvirt");
    files.authority = exists(own.authority) ? own.authority : files.authority;
    files.revocations = exists(own.revocations) ? own.revocations : files.revocations;
    if (exists(own.certificate) && exists(own.key)) {
        files.certificate = own.certificate;
        files.key = own.key;
    }
    return files;
}

TlsFiles tls_files(const TlsEndpoint& endpoint)
{
    const char* home = std::getenv("HOME");
    return tls_files(endpoint.pkipath, home == nullptr ? "" : home, ::geteuid() == 0);
}

}  // namespace vmferry::relay
