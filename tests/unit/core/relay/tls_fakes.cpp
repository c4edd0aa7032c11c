#include "tests/unit/core/relay/tls_fakes.hpp"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "core/base/assert.hpp"

namespace vmferry::relay::test {

namespace {

using FileHandle = Handle<FILE, std::fclose>;
using RevocationsHandle = Handle<X509_CRL, X509_CRL_free>;
using TimeHandle = Handle<ASN1_TIME, ASN1_TIME_free>;

void add_extension(X509& certificate, int kind, const char* value)
{
    const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
    VMF_ASSERT(extension != nullptr);
    X509_add_ext(&certificate, extension.get(), -1);
}

CertificateHandle blank(const std::string& name, EVP_PKEY* key, long begins, long ends)
{
    static std::atomic<long> serial{1};
    CertificateHandle certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), begins);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), ends);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_pubkey(certificate.get(), key);
    return certificate;
}

FileHandle create(const std::filesystem::path& path) { return FileHandle(std::fopen(path.c_str(), "w")); }

}  // namespace

Identity make_authority(const std::string& name)
{
    Identity authority{KeyHandle(EVP_EC_gen("P-256")), nullptr};
    authority.certificate = blank(name, authority.key.get(), -7200, 7200);
    X509_set_issuer_name(authority.certificate.get(), X509_get_subject_name(authority.certificate.get()));
    add_extension(*authority.certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(*authority.certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    X509_sign(authority.certificate.get(), authority.key.get(), EVP_sha256());
    return authority;
}

Identity issue(const Identity& authority, const Wanted& wanted)
{
    Identity made{KeyHandle(EVP_EC_gen("P-256")), nullptr};
    made.certificate = blank(wanted.name, made.key.get(), wanted.begins, wanted.ends);
    X509_set_issuer_name(made.certificate.get(), X509_get_subject_name(authority.certificate.get()));
    if (!wanted.alternatives.empty()) {
        add_extension(*made.certificate, NID_subject_alt_name, wanted.alternatives.c_str());
    }
    X509_sign(made.certificate.get(), authority.key.get(), EVP_sha256());
    return made;
}

void write_pki(const std::filesystem::path& directory, const Identity& authority, const Identity* client)
{
    std::filesystem::create_directories(directory);
    PEM_write_X509(create(directory / "cacert.pem").get(), authority.certificate.get());
    if (client != nullptr) {
        PEM_write_X509(create(directory / "clientcert.pem").get(), client->certificate.get());
        PEM_write_PrivateKey(create(directory / "clientkey.pem").get(), client->key.get(), nullptr, nullptr, 0, nullptr,
                             nullptr);
    }
}

void write_revocation(const std::filesystem::path& directory, const Identity& authority, const Identity& revoked)
{
    const RevocationsHandle list(X509_CRL_new());
    const TimeHandle before(X509_gmtime_adj(nullptr, -60));
    const TimeHandle after(X509_gmtime_adj(nullptr, 3600));
    X509_CRL_set_version(list.get(), 1);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(authority.certificate.get()));
    X509_CRL_set1_lastUpdate(list.get(), before.get());
    X509_CRL_set1_nextUpdate(list.get(), after.get());
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked.certificate.get()));
    X509_REVOKED_set_revocationDate(entry, before.get());
    X509_CRL_add0_revoked(list.get(), entry);
    X509_CRL_sign(list.get(), authority.key.get(), EVP_sha256());
    PEM_write_X509_CRL(create(directory / "cacrl.pem").get(), list.get());
}

std::pair<Fd, std::string> listen_tcp()
{
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    VMF_ASSERT(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), length) == 0);
    VMF_ASSERT(::listen(socket.get(), 1) == 0);
    VMF_ASSERT(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
    return {std::move(socket), std::to_string(::ntohs(address.sin_port))};
}

void accept_client(SSL& session)
{
    const char accepted = '\1';
    SSL_write(&session, &accepted, 1);
}

TlsDaemon::TlsDaemon(const Identity& authority, const Identity& identity, std::function<void(SSL&)> serve)
    : m_context(SSL_CTX_new(TLS_server_method()))
{
    SSL_CTX_use_certificate(m_context.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(m_context.get(), identity.key.get());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(m_context.get()), authority.certificate.get());
    SSL_CTX_set_verify(m_context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    std::tie(m_listener, m_port) = listen_tcp();
    m_thread = std::thread([this, serve = std::move(serve)] {
        ::signal(SIGPIPE, SIG_IGN);  // OpenSSL's own sockets know no MSG_NOSIGNAL.
        const Fd peer(::accept(m_listener.get(), nullptr, nullptr));
        const Handle<SSL, SSL_free> session(SSL_new(m_context.get()));
        SSL_set_fd(session.get(), peer.get());
        if (peer && SSL_accept(session.get()) == 1) {
            serve(*session);
        }
    });
}

TlsDaemon::~TlsDaemon()
{
    ::shutdown(m_listener.get(), SHUT_RDWR);
    m_thread.join();
}

TlsEndpoint TlsDaemon::endpoint(const std::filesystem::path& pkipath) const
{
    return {"127.0.0.1", m_port, pkipath.string(), false};
}

}  // namespace vmferry::relay::test
