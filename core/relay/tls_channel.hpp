// TLS over another Channel, as libvirt's daemon speaks it.
//
// - Nothing of a caller's bytes is sent before the host's certificate was checked and the host has
//   said that it accepts ours (libvirt's one byte after the handshake).
// - There is no way from here to clear text: what fails, ends.
// - OpenSSL reads no more than one record at a time from the socket, and read() hands out a whole one
//   (k_record_bytes_max), so poll(2) on the socket tells all there is to know.

#pragma once

#include "core/base/clock.hpp"
#include "core/relay/tls_session.hpp"

namespace vmferry::relay {

class TlsChannel final : public Channel {
public:
    /// The most that one record carries; read() wants room for it.
    static constexpr size_t k_record_bytes_max = size_t{16} * 1024;

    /// Shakes hands over `below` and checks both sides, at most for `limit`. Kind `denied` when one side
    /// does not accept the other's certificate, `unreachable` when the far end speaks no TLS or is silent.
    [[nodiscard]] static Result<std::unique_ptr<TlsChannel>> open(std::unique_ptr<Channel> below,
                                                                  const TlsEndpoint& endpoint, Milliseconds limit);

    [[nodiscard]] Outcome read(std::span<std::byte> into) override;
    [[nodiscard]] Outcome write(Bytes bytes) override;
    [[nodiscard]] int fd() const override { return m_below->fd(); }
    [[nodiscard]] short events(bool reading, bool writing) const override;
    void end() override;

private:
    TlsChannel(std::unique_ptr<Channel> below, SslHandle session);
    /// Of the last call on the session: its return value, and how much went through.
    [[nodiscard]] Outcome outcome_of(int returned, size_t count, short& wants);
    [[nodiscard]] Result<> shake_hands(const Deadline& deadline);
    [[nodiscard]] Result<> await_confirmation(const TlsFiles& files, const Deadline& deadline);
    [[nodiscard]] bool wait(short wants, const Deadline& deadline) const;

    std::unique_ptr<Channel> m_below;
    SslHandle m_session;
    short m_read_wants;   ///< What a read waits for: the protocol may have to write first.
    short m_write_wants;  ///< Likewise.
    bool m_broken = false;
};

}  // namespace vmferry::relay
