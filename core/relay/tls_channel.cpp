#include "core/relay/tls_channel.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/base/assert.hpp"

namespace vmferry::relay {

namespace {

/// What libvirt's daemon says when it accepts the client's certificate and address.
constexpr std::byte k_accepted{1};

Error late() { return Error(ErrorKind::unreachable, "the host does not answer the TLS handshake in time"); }

Error refused(const SSL& session, const TlsFiles& files, const std::string& why)
{
    if (SSL_get_certificate(&session) == nullptr) {
        const std::string& missing = ::access(files.certificate.c_str(), F_OK) != 0 ? files.certificate : files.key;
        return Error(ErrorKind::denied, "the host wants a client's certificate, and there is no " + missing)
            .with_cause(why)
            .with_next("issue a certificate for this client, or name its directory by pkipath= in the host's URI");
    }
    return Error(ErrorKind::denied, "the host does not accept our certificate")
        .with_cause(why.empty() ? "it closed the connection" : why)
        .with_next("see clientcert.pem and clientkey.pem, and tls_allowed_dn_list of the host's libvirtd.conf");
}

}  // namespace

TlsChannel::TlsChannel(std::unique_ptr<Channel> below, SslHandle session)
    : m_below(std::move(below)), m_session(std::move(session)), m_read_wants(POLLIN), m_write_wants(POLLOUT)
{
}

Result<std::unique_ptr<TlsChannel>> TlsChannel::open(std::unique_ptr<Channel> below, const TlsEndpoint& endpoint,
                                                     Milliseconds limit)
{
    const Deadline deadline(limit);
    const TlsFiles files = tls_files(endpoint);
    VMF_TRY_ASSIGN(SslHandle session, make_tls_session(*below, files));
    std::unique_ptr<TlsChannel> channel(new TlsChannel(std::move(below), std::move(session)));
    VMF_TRY(channel->shake_hands(deadline));
    if (!endpoint.no_verify) {
        VMF_TRY(check_certificate(*channel->m_session, endpoint.host, files));
    }
    VMF_TRY(channel->await_confirmation(files, deadline));
    return channel;
}

bool TlsChannel::wait(short wants, const Deadline& deadline) const
{
    pollfd entry{fd(), wants, 0};
    int ready = 0;
    do {
        ready = ::poll(&entry, 1, static_cast<int>(deadline.left().count()));
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

Result<> TlsChannel::shake_hands(const Deadline& deadline)
{
    short wants = 0;
    for (;;) {
        ERR_clear_error();
        const Outcome outcome = outcome_of(SSL_connect(m_session.get()), 0, wants);
        if (outcome.status == Status::moved) {
            return {};
        }
        if (outcome.status == Status::ended) {
            return fail(Error(ErrorKind::unreachable, "the TLS handshake failed: is it a TLS port of libvirt?")
                            .with_cause(outcome.why.empty() ? "the host closed the connection" : outcome.why)
                            .with_next("see listen_tls and tls_port in the host's libvirtd.conf"));
        }
        if (!wait(wants, deadline)) {
            return fail(late());
        }
    }
}

Result<> TlsChannel::await_confirmation(const TlsFiles& files, const Deadline& deadline)
{
    std::byte word{};
    for (;;) {
        ERR_clear_error();
        size_t count = 0;
        const int returned = SSL_read_ex(m_session.get(), &word, 1, &count);
        const Outcome outcome = outcome_of(returned, count, m_read_wants);
        if (outcome.status == Status::moved) {
            return word == k_accepted ? Result<>{}
                                      : fail(refused(*m_session, files, "it answered with something else"));
        }
        if (outcome.status == Status::ended) {
            return fail(refused(*m_session, files, outcome.why));
        }
        if (!wait(m_read_wants, deadline)) {
            return fail(late());
        }
    }
}

Channel::Outcome TlsChannel::outcome_of(int returned, size_t count, short& wants)
{
    const int error = SSL_get_error(m_session.get(), returned);
    switch (error) {
    case SSL_ERROR_NONE: return {Status::moved, count};
    case SSL_ERROR_WANT_READ: wants = POLLIN; return {Status::waiting};
    case SSL_ERROR_WANT_WRITE: wants = POLLOUT; return {Status::waiting};
    case SSL_ERROR_ZERO_RETURN: return {Status::ended};
    default: m_broken = true; return {Status::ended, 0, take_tls_error()};
    }
}

Channel::Outcome TlsChannel::read(std::span<std::byte> into)
{
    VMF_ASSERT(into.size() >= k_record_bytes_max);
    ERR_clear_error();
    m_read_wants = POLLIN;
    size_t count = 0;
    const int returned = SSL_read_ex(m_session.get(), into.data(), into.size(), &count);
    return outcome_of(returned, count, m_read_wants);
}

Channel::Outcome TlsChannel::write(Bytes bytes)
{
    ERR_clear_error();
    m_write_wants = POLLOUT;
    size_t count = 0;
    const int returned = SSL_write_ex(m_session.get(), bytes.data(), bytes.size(), &count);
    return outcome_of(returned, count, m_write_wants);
}

short TlsChannel::events(bool reading, bool writing) const
{
    return static_cast<short>((reading ? m_read_wants : 0) | (writing ? m_write_wants : 0));
}

void TlsChannel::end()
{
    if (!std::exchange(m_broken, true)) {
        // A farewell if it fits; nobody waits for the answer.
        ERR_clear_error();
        static_cast<void>(SSL_shutdown(m_session.get()));
        ERR_clear_error();
    }
    m_below->end();
}

}  // namespace vmferry::relay
