// The socket at which libvirt's client, in this very process, finds the relay.

#pragma once

#include <memory>
#include <string>

#include "core/base/handle.hpp"
#include "core/base/result.hpp"

namespace vmferry::relay {

/// A listening socket of mode 0600 in a directory of mode 0700, for one peer: ourselves. Both names
/// vanish with the object, which the relay ends as soon as its client has come; only a kill in the
/// milliseconds before can leave an empty directory vmferry-XXXXXX behind.
class PrivateSocket {
public:
    /// In the first of $XDG_RUNTIME_DIR, /run, $TMPDIR and /tmp that lets us.
    [[nodiscard]] static Result<std::unique_ptr<PrivateSocket>> listen();
    PrivateSocket(const PrivateSocket&) = delete;
    PrivateSocket& operator=(const PrivateSocket&) = delete;
    ~PrivateSocket();

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] int fd() const { return m_socket.get(); }
    /// Takes a waiting peer. Empty when there is none, or when it is another process, which is turned away.
    [[nodiscard]] Fd accept();

private:
    explicit PrivateSocket(std::string directory) : m_directory(std::move(directory)), m_path(m_directory + "/target")
    {
    }
    [[nodiscard]] Result<> bind();

    std::string m_directory;
    std::string m_path;
    Fd m_socket;
};

}  // namespace vmferry::relay
