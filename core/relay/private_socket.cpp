#include "core/relay/private_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "core/relay/unix_address.hpp"

namespace vmferry::relay {

namespace {

constexpr size_t k_parent_bytes_max = 80;

/// Makes a directory of mode 0700 under `parent`; empty when that is not possible.
std::string make_directory(const char* parent)
{
    if (parent == nullptr || *parent != '/' || std::string(parent).size() > k_parent_bytes_max) {
        return {};
    }
    std::string name = std::string(parent) + "/vmferry-XXXXXX";
    return ::mkdtemp(name.data()) != nullptr ? name : std::string();
}

std::string make_directory_somewhere()
{
    const std::array<const char*, 4> parents{std::getenv("XDG_RUNTIME_DIR"), "/run", std::getenv("TMPDIR"), "/tmp"};
    for (const char* parent : parents) {
        if (std::string made = make_directory(parent); !made.empty()) {
            return made;
        }
    }
    return {};
}

bool is_ourselves(int peer)
{
    ucred credentials{};
    socklen_t length = sizeof credentials;
    return ::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 && credentials.pid == ::getpid();
}

}  // namespace

Result<std::unique_ptr<PrivateSocket>> PrivateSocket::listen()
{
    std::string directory = make_directory_somewhere();
    if (directory.empty()) {
        return fail(Error(ErrorKind::failed, "cannot make a private directory for a socket")
                        .with_next("give a writable one in XDG_RUNTIME_DIR or TMPDIR"));
    }
    std::unique_ptr<PrivateSocket> made(new PrivateSocket(std::move(directory)));
    VMF_TRY(made->bind());
    return made;
}

Result<> PrivateSocket::bind()
{
    VMF_TRY_ASSIGN(const sockaddr_un address, unix_address(m_path));
    m_socket = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const bool listening = m_socket &&
                           ::bind(m_socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                           ::chmod(m_path.c_str(), S_IRUSR | S_IWUSR) == 0 && ::listen(m_socket.get(), 1) == 0;
    if (!listening) {
        return fail(
            Error(ErrorKind::failed, "cannot listen at " + m_path).with_cause(std::generic_category().message(errno)));
    }
    return {};
}

PrivateSocket::~PrivateSocket()
{
    ::unlink(m_path.c_str());
    ::rmdir(m_directory.c_str());
}

Fd PrivateSocket::accept()
{
    Fd peer(::accept4(m_socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    return peer && is_ourselves(peer.get()) ? std::move(peer) : Fd();
}

}  // namespace vmferry::relay
