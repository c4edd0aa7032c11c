// Goal: the relay speaks TLS with the daemon that the certificate proves, and with nobody else; it never
// falls back to clear text. Method: daemons with good and bad certificates on the loopback.

#include "core/relay/tls_channel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <fstream>

#include "core/base/crypto.hpp"
#include "core/base/digest.hpp"
#include "core/relay/connect.hpp"
#include "core/relay/tls_session.hpp"
#include "tests/unit/core/relay/fakes.hpp"
#include "tests/unit/core/relay/tls_fakes.hpp"

namespace vmferry::relay::test {
namespace {

using testing::HasSubstr;

class Tls : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_NE(::mkdtemp(directory.data()), nullptr);
        write_pki(directory, authority, &client);
    }
    void TearDown() override { std::filesystem::remove_all(directory); }

    /// The error of connecting to a daemon with this certificate.
    Error refusal(const Identity& daemon_identity, const std::function<void(TlsEndpoint&)>& change = {})
    {
        std::atomic<int> bytes{0};
        auto error = [&] {
            TlsDaemon daemon(authority, daemon_identity, [&](SSL& session) {
                accept_client(session);
                char byte = 0;
                bytes += std::max(0, SSL_read(&session, &byte, 1));
            });
            TlsEndpoint endpoint = daemon.endpoint(directory);
            if (change) {
                change(endpoint);
            }
            auto connection = connect_to({endpoint, "qemu:///system"}, k_patience);
            return connection ? Error(ErrorKind::internal, "it was accepted") : connection.error();
        }();
        EXPECT_EQ(bytes, 0) << "something was said to a daemon that was not accepted";
        return error;
    }

    std::string directory = "/tmp/relay-tls-XXXXXX";
    const Identity authority = make_authority("our authority");
    const Identity client = issue(authority, {.name = "controller", .alternatives = ""});
    const Identity good = issue(authority, {});
};

/// Sends back what it gets until the stream ends.
void echo(SSL& session)
{
    accept_client(session);
    std::vector<char> buffer(size_t{128} * 1024);
    for (int got = 0; (got = SSL_read(&session, buffer.data(), static_cast<int>(buffer.size()))) > 0;) {
        SSL_write(&session, buffer.data(), got);
    }
}

TEST_F(Tls, RelayPassesAWholeConversation)
{
    TlsDaemon daemon(authority, good, echo);
    EventLog events;
    auto relay =
        Relay::start({daemon.endpoint(directory), "qemu:///system"}, [&](RelayEvent event) { events.add(event); });
    ASSERT_TRUE(relay) << relay.error().text();
    Peer peer = connect_client(**relay);
    // Echoed frames are calls, which no daemon sends; events are what may come at any time.
    const Wire big = event(size_t{8} * 1024 * 1024);
    std::thread sender([&] { peer.send(big); });
    EXPECT_TRUE(peer.receive(big.size()) == big);
    sender.join();
    EXPECT_FALSE((*relay)->failure());
}

TEST_F(Tls, ReplyOfFinishIsHeldAndReleased)
{
    TlsDaemon daemon(authority, good, [](SSL& session) {
        accept_client(session);
        std::vector<char> heard((client_opening() + finish_call()).size());
        for (size_t got = 0; got < heard.size();) {
            const int count = SSL_read(&session, heard.data() + got, static_cast<int>(heard.size() - got));
            ASSERT_GT(count, 0);
            got += static_cast<size_t>(count);
        }
        const Wire answer = target_opening() + finish_reply();
        SSL_write(&session, answer.data(), static_cast<int>(answer.size()));
        char byte = 0;
        SSL_read(&session, &byte, 1);
    });
    EventLog events;
    auto relay =
        Relay::start({daemon.endpoint(directory), "qemu:///system"}, [&](RelayEvent event) { events.add(event); });
    ASSERT_TRUE(relay) << relay.error().text();
    Peer peer = connect_client(**relay);
    peer.send(client_opening() + finish_call());
    ASSERT_TRUE(events.wait_for(RelayEvent::finish_held));
    EXPECT_EQ(peer.receive(target_opening().size()), target_opening());
    EXPECT_TRUE(peer.silent());
    EXPECT_TRUE((*relay)->release());
    EXPECT_EQ(peer.receive(finish_reply().size()), finish_reply());
}

TEST_F(Tls, CertificateForAnotherNameIsRefusedAndItsNamesAreSaid)
{
    const Error error = refusal(issue(authority, {.alternatives = "DNS:kvm7,IP:10.0.0.7"}));
    EXPECT_EQ(error.kind(), ErrorKind::denied);
    EXPECT_THAT(error.what(), HasSubstr("is for kvm7, 10.0.0.7, not for 127.0.0.1"));
}

TEST_F(Tls, NameInTheCommonNameCountsOnlyWithoutAlternatives)
{
    const auto by_name = [](TlsEndpoint& endpoint) { endpoint.host = "localhost"; };
    EXPECT_EQ(refusal(issue(authority, {.name = "localhost", .alternatives = ""}), by_name).kind(),
              ErrorKind::internal);
    EXPECT_THAT(refusal(issue(authority, {.name = "localhost", .alternatives = "DNS:kvm7"}), by_name).what(),
                HasSubstr("not for localhost"));
}

TEST_F(Tls, ExpiredCertificateIsRefused)
{
    const Error error = refusal(issue(authority, {.ends = -60}));
    EXPECT_EQ(error.kind(), ErrorKind::denied);
    EXPECT_THAT(error.what(), HasSubstr("has expired"));
    EXPECT_THAT(refusal(issue(authority, {.begins = 600})).what(), HasSubstr("not valid yet"));
}

TEST_F(Tls, CertificateOfAnotherAuthorityIsRefused)
{
    const Error error = refusal(issue(make_authority("their authority"), {}));
    EXPECT_EQ(error.kind(), ErrorKind::denied);
    EXPECT_THAT(error.what(), HasSubstr("not trusted by " + directory + "/cacert.pem"));
}

TEST_F(Tls, RevokedCertificateIsRefusedAndOthersAreNot)
{
    const Identity revoked = issue(authority, {});
    write_revocation(directory, authority, revoked);
    EXPECT_THAT(refusal(revoked).text(), HasSubstr("revoked"));
    EXPECT_EQ(refusal(good).kind(), ErrorKind::internal);
}

TEST_F(Tls, ListOfAnotherAuthorityRevokesNothing)
{
    const Identity other = make_authority("their authority");
    write_revocation(directory, other, issue(other, {}));
    EXPECT_EQ(refusal(good).kind(), ErrorKind::internal);
}

TEST_F(Tls, NoVerifyAcceptsWhatLibvirtWouldThen)
{
    const auto blindly = [](TlsEndpoint& endpoint) { endpoint.no_verify = true; };
    EXPECT_EQ(refusal(issue(make_authority("their authority"), {.alternatives = "DNS:kvm7"}), blindly).kind(),
              ErrorKind::internal);
}

TEST_F(Tls, DaemonThatWantsAClientCertificateSaysNo)
{
    std::filesystem::remove(std::filesystem::path(directory) / "clientkey.pem");
    const Error error = refusal(good);
    EXPECT_EQ(error.kind(), ErrorKind::denied);
    EXPECT_THAT(error.what(), HasSubstr("there is no " + directory + "/clientkey.pem"));
    EXPECT_THAT(error.cause(), HasSubstr("certificate required"));
}

TEST_F(Tls, DaemonThatDoesNotLikeOurCertificateSaysNo)
{
    const Identity stranger = issue(make_authority("their authority"), {.name = "stranger"});
    write_pki(directory, authority, &stranger);
    const Error error = refusal(good);
    EXPECT_EQ(error.kind(), ErrorKind::denied);
    EXPECT_THAT(error.what(), HasSubstr("does not accept our certificate"));
    EXPECT_THAT(error.cause(), HasSubstr("unknown ca"));
}

TEST_F(Tls, DaemonThatDoesNotConfirmIsNotSpokenTo)
{
    for (const char word : {'\0', '\2'}) {
        TlsDaemon daemon(authority, good, [word](SSL& session) {
            if (word != '\0') {
                SSL_write(&session, &word, 1);
            }
        });
        const auto connection = connect_to({daemon.endpoint(directory), ""}, k_patience);
        ASSERT_FALSE(connection);
        EXPECT_EQ(connection.error().kind(), ErrorKind::denied);
    }
}

TEST_F(Tls, FilesThatCannotBeUsedAreNamed)
{
    const auto elsewhere = [](TlsEndpoint& endpoint) { endpoint.pkipath = "/nonexistent"; };
    EXPECT_THAT(refusal(good, elsewhere).what(), HasSubstr("/nonexistent/cacert.pem"));
    const Identity other = issue(authority, {.name = "other"});
    write_pki(std::filesystem::path(directory) / "other", authority, &other);
    std::filesystem::copy_file(std::filesystem::path(directory) / "other/clientkey.pem",
                               std::filesystem::path(directory) / "clientkey.pem",
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(refusal(good).what(), HasSubstr("clientkey.pem cannot be used"));
}

TEST_F(Tls, PortWithoutTlsIsNamedAndNeverSpokenToInClearText)
{
    write_pki(directory, authority, nullptr);
    auto [listener, port] = listen_tcp();
    std::thread stranger([&listener = listener] {
        const Fd peer(::accept(listener.get(), nullptr, nullptr));
        std::array<char, 4096> heard{};
        const ssize_t count = ::recv(peer.get(), heard.data(), heard.size(), 0);
        EXPECT_GT(count, 0);
        EXPECT_EQ(heard.front(), 22) << "a TLS record of a handshake comes first";
        const std::string greeting = "SSH-2.0-server\r\n";
        static_cast<void>(::send(peer.get(), greeting.data(), greeting.size(), MSG_NOSIGNAL));
        while (::recv(peer.get(), heard.data(), heard.size(), 0) > 0) {
            EXPECT_EQ(heard.front(), 21) << "after that there is at most a TLS alert";
        }
    });
    const auto connection = connect_to({TlsEndpoint{"127.0.0.1", port, directory, false}, ""}, k_patience);
    stranger.join();
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().kind(), ErrorKind::unreachable);
    EXPECT_THAT(connection.error().what(), HasSubstr("is it a TLS port"));
}

TEST_F(Tls, SilentPortIsGivenUp)
{
    const auto [listener, port] = listen_tcp();
    const Monotonic::time_point begin = Monotonic::now();
    const auto connection = connect_to({TlsEndpoint{"127.0.0.1", port, directory, false}, ""}, Milliseconds(200));
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().kind(), ErrorKind::unreachable);
    EXPECT_THAT(connection.error().what(), HasSubstr("in time"));
    EXPECT_LT(Monotonic::now() - begin, k_patience);
}

TEST_F(Tls, UserLooksAtHomeFirstRootDoesNot)
{
    const std::filesystem::path own = std::filesystem::path(directory) / ".pki/libvirt";
    write_pki(own, authority, nullptr);
    TlsFiles files = tls_files("", directory, false);
    EXPECT_EQ(files.authority, own / "cacert.pem");
    EXPECT_EQ(files.key, "/etc/pki/libvirt/private/clientkey.pem");
    write_pki(own, authority, &client);
    files = tls_files("", directory, false);
    EXPECT_EQ(files.certificate, own / "clientcert.pem");
    EXPECT_EQ(files.key, own / "clientkey.pem");
    EXPECT_EQ(files.revocations, "/etc/pki/CA/cacrl.pem");
    EXPECT_EQ(tls_files("", directory, true).authority, "/etc/pki/CA/cacert.pem");
    EXPECT_EQ(tls_files("/p", directory, false),
              (TlsFiles{"/p/cacert.pem", "/p/cacrl.pem", "/p/clientcert.pem", "/p/clientkey.pem"}));
}

[[noreturn]] void exit_with_highest_version(const std::string& directory)
{
    start_crypto();
    const Identity authority = make_authority("our authority");
    write_pki(directory, authority, nullptr);
    std::ofstream(directory + "/openssl.cnf") << "openssl_conf = init\n[init]\nssl_conf = tls\n[tls]\n"
                                                 "system_default = all\n[all]\nMaxProtocol = TLSv1.2\n";
    ::setenv("OPENSSL_CONF", (directory + "/openssl.cnf").c_str(), 1);
    static_cast<void>(sha256_hex("the journal comes first"));
    std::array<int, 2> ends{};
    static_cast<void>(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
    SocketChannel below{Fd(ends[0])};
    const auto session = make_tls_session(below, tls_files(directory, "", false));
    std::filesystem::remove_all(directory);
    std::_Exit(session && SSL_get_max_proto_version(session->get()) == TLS1_2_VERSION ? 0 : 1);
}

/// In a process of its own: OpenSSL reads its configuration once.
TEST(TlsPolicy, IsTheSystemsAlsoAfterADigest)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    std::string directory = "/tmp/relay-policy-XXXXXX";
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    EXPECT_EXIT(exit_with_highest_version(directory), testing::ExitedWithCode(0), "");
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace vmferry::relay::test
