// One non-blocking byte stream: a socket, or TLS over one.

#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/base/handle.hpp"
#include "core/relay/frame.hpp"

namespace vmferry::relay {

/// Used by one thread. No call blocks, and none raises SIGPIPE.
class Channel {
public:
    enum class Status {
        moved,    ///< `count` bytes went through; more may go.
        waiting,  ///< Nothing can go now: poll for `events()`.
        ended,    ///< The stream is over; `why` says how, and is empty for an orderly end.
    };
    struct Outcome {
        Status status;
        size_t count = 0;
        std::string why{};
    };

    virtual ~Channel() = default;
    [[nodiscard]] virtual Outcome read(std::span<std::byte> into) = 0;
    [[nodiscard]] virtual Outcome write(Bytes bytes) = 0;
    [[nodiscard]] virtual int fd() const = 0;
    /// What to poll for, in the terms of poll(2), to get on with reading or writing.
    [[nodiscard]] virtual short events(bool reading, bool writing) const = 0;
    /// Ends both directions so that the peer sees it at once, even while a child that was just forked
    /// still has a copy of the descriptor.
    virtual void end() = 0;
};

/// A connected stream socket.
class SocketChannel final : public Channel {
public:
    /// Takes the descriptor and makes it non-blocking.
    explicit SocketChannel(Fd socket);

    [[nodiscard]] Outcome read(std::span<std::byte> into) override;
    [[nodiscard]] Outcome write(Bytes bytes) override;
    [[nodiscard]] int fd() const override { return m_socket.get(); }
    [[nodiscard]] short events(bool reading, bool writing) const override;
    void end() override;

private:
    Fd m_socket;
};

}  // namespace vmferry::relay
