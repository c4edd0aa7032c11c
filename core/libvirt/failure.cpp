#include "core/libvirt/failure.hpp"

#include <libvirt/virterror.h>

#include <array>
#include <cerrno>

#include "core/base/secret.hpp"

namespace vmferry::libvirt {

namespace {

template <size_t N>
bool says_any(const Failure& failure, const std::array<const char*, N>& parts)
{
    for (const char* part : parts) {
        if (failure.says(part)) {
            return true;
        }
    }
    return false;
}

bool is_denial(const Failure& failure)
{
    switch (failure.code) {
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_OPERATION_DENIED: return true;
    default: return false;
    }
}

/// libvirt puts URIs with their user information into messages.
std::string redact_words(const std::string& message)
{
    std::string out;
    size_t start = 0;
    while (start < message.size()) {
        const size_t end = message.find_first_of(" '\"\n", start);
        const std::string word = message.substr(start, end - start);
        out += word.find("://") == std::string::npos ? word : redact_uri(word);
        if (end == std::string::npos) {
            break;
        }
        out += message[end];
        start = end + 1;
    }
    return out;
}

}  // namespace

Failure Failure::last()
{
    Failure failure;
    const virError* error = virGetLastError();
    if (error == nullptr) {
        failure.message = "libvirt gave no reason";
        return failure;
    }
    failure.code = error->code;
    failure.domain = error->domain;
    failure.errno_value = error->code == VIR_ERR_SYSTEM_ERROR ? error->int1 : 0;
    failure.message = error->message == nullptr ? "" : error->message;
    return failure;
}

bool Failure::answer_lost() const
{
    // The client's own RPC layer speaks as VIR_FROM_RPC ("client socket is closed", "connection closed
    // due to keepalive timeout", "Cannot recv data", "End of file while reading data"). A daemon that
    // refuses speaks with a code of its own.
    const bool from_transport = domain == VIR_FROM_RPC || domain == VIR_FROM_REMOTE;
    if (from_transport && (code == VIR_ERR_INTERNAL_ERROR || code == VIR_ERR_SYSTEM_ERROR || code == VIR_ERR_RPC ||
                           code == VIR_ERR_GNUTLS_ERROR)) {
        return true;
    }
    if (code == VIR_ERR_INVALID_CONN && says("closed")) {
        return true;
    }
    // The emulator went away under the daemon's feet: what it was told may have been done.
    return says_any(*this, std::array{"Unable to read from monitor", "End of file from qemu monitor",
                                      "Unable to write to monitor", "client socket is closed", "keepalive timeout"});
}

bool Failure::not_found() const
{
    switch (code) {
    case VIR_ERR_NO_DOMAIN:
    case VIR_ERR_NO_NETWORK:
    case VIR_ERR_NO_STORAGE_POOL:
    case VIR_ERR_NO_STORAGE_VOL:
    case VIR_ERR_NO_NODE_DEVICE:
    case VIR_ERR_NO_INTERFACE:
    case VIR_ERR_NO_NWFILTER:
    case VIR_ERR_NO_DOMAIN_METADATA:
    case VIR_ERR_NO_DOMAIN_SNAPSHOT:
    case VIR_ERR_NO_DOMAIN_CHECKPOINT: return true;
    default: return false;
    }
}

std::string Failure::cause() const { return "libvirt error " + std::to_string(code) + ": " + redact_words(message); }

Error error_of(const Failure& failure, std::string what)
{
    ErrorKind kind = ErrorKind::failed;
    if (failure.not_found()) {
        kind = ErrorKind::not_found;
    } else if (is_denial(failure)) {
        kind = ErrorKind::denied;
    } else if (failure.code == VIR_ERR_OPERATION_TIMEOUT) {
        kind = ErrorKind::busy;
    } else if (failure.answer_lost()) {
        kind = ErrorKind::unknown;
    }
    return Error(kind, std::move(what)).with_cause(failure.cause());
}

std::string try_by_hand(const std::string& uri)
{
    return uri.empty() ? "virsh list   (a host is named with -c)" : "virsh -c '" + redact_uri(uri) + "' list";
}

Error open_error_of(const Failure& failure, const std::string& uri, const std::string& label)
{
    const std::string shown = redact_uri(uri);
    const std::string where = label + " (" + (uri.empty() ? "libvirt's default connection" : shown) + ")";
    const auto make = [&](ErrorKind kind, const std::string& what) {
        return Error(kind, what).with_cause(failure.cause());
    };
    if (says_any(failure,
                 std::array{"Unable to resolve address", "Could not resolve hostname", "Name or service not known"})) {
        return make(ErrorKind::unknown_host, "the name of host " + where + " cannot be resolved")
            .with_next("check the host's name or address in the URI or in the configuration");
    }
    if (failure.says("Host key verification failed")) {
        return make(ErrorKind::denied, "the ssh key of host " + where + " is not known or has changed")
            .with_next("log in once by ssh as the user that runs vmferry, and compare the key");
    }
    if (failure.says("certificate")) {
        return make(ErrorKind::denied, "no TLS connection to host " + where + ": the certificates do not work")
            .with_next(try_by_hand(uri));
    }
    if (is_denial(failure) || failure.errno_value == EACCES ||
        says_any(failure,
                 std::array{"Permission denied", "authentication failed", "Authentication", "Access denied"})) {
        return make(ErrorKind::denied, "host " + where + " refused us").with_next(try_by_hand(uri));
    }
    switch (failure.code) {
    case VIR_ERR_INVALID_ARG:
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_CONFIG_UNSUPPORTED:
    case VIR_ERR_CONF_SYNTAX:
        return make(ErrorKind::usage, "the URI of host " + where + " is not one that libvirt can open")
            .with_next("write it like qemu+ssh://root@HOST/system; see https://libvirt.org/uri.html");
    default: break;
    }
    if (failure.domain == VIR_FROM_URI || says_any(failure, std::array{"parse URI", "URI path"})) {
        return make(ErrorKind::usage, "the URI of host " + where + " is malformed")
            .with_next("write it like qemu+ssh://root@HOST/system; see https://libvirt.org/uri.html");
    }
    return make(ErrorKind::unreachable, "host " + where + " does not answer").with_next(try_by_hand(uri));
}

Error as_question(Error error)
{
    if (error.kind() != ErrorKind::unknown) {
        return error;
    }
    Error question = Error(ErrorKind::unreachable, error.what()).with_cause(error.cause());
    static_cast<void>(std::move(question).with_id(error.id()).with_next(error.next()));
    for (const std::string& frame : error.frames()) {
        static_cast<void>(std::move(question).in(frame));
    }
    return question;
}

}  // namespace vmferry::libvirt
