#include "core/relay/tls_session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <vector>

#include "core/base/assert.hpp"
#include "core/base/crypto.hpp"
#include "core/relay/tls_bio.hpp"

namespace vmferry::relay {

namespace {

using ContextHandle = Handle<SSL_CTX, SSL_CTX_free>;
using CertificateHandle = Handle<X509, X509_free>;
using NamesHandle = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;

Error unusable(const std::string& what)
{
    return Error(ErrorKind::denied, what)
        .with_cause(take_tls_error())
        .with_next("see the files of pkipath= in the host's URI, or below /etc/pki");
}

/// A list of revocations that says nothing of this authority revokes nothing; libvirt sees it so too.
int judge(int good, X509_STORE_CTX* store)
{
    if (good == 0 && X509_STORE_CTX_get_error(store) == X509_V_ERR_UNABLE_TO_GET_CRL) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    return good;
}

Result<> load_trust(SSL_CTX& context, const TlsFiles& files)
{
    if (SSL_CTX_load_verify_file(&context, files.authority.c_str()) != 1) {
        return fail(unusable(fmt::format("the authority's certificate {} cannot be used", files.authority)));
    }
    X509_STORE* store = SSL_CTX_get_cert_store(&context);
    // What stands in that file is trusted, be it the root or an authority below it.
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
    if (::access(files.revocations.c_str(), F_OK) == 0) {
        if (X509_STORE_load_file(store, files.revocations.c_str()) != 1) {
            return fail(unusable(fmt::format("the list of revoked certificates {} cannot be used", files.revocations)));
        }
        flags |= X509_V_FLAG_CRL_CHECK;
    }
    X509_STORE_set_flags(store, flags);
    return {};
}

Result<> load_own(SSL_CTX& context, const TlsFiles& files)
{
    if (::access(files.certificate.c_str(), F_OK) != 0 || ::access(files.key.c_str(), F_OK) != 0) {
        return {};  // The daemon decides whether it does without.
    }
    if (SSL_CTX_use_certificate_chain_file(&context, files.certificate.c_str()) != 1) {
        return fail(unusable(fmt::format("the client's certificate {} cannot be used", files.certificate)));
    }
    if (SSL_CTX_use_PrivateKey_file(&context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return fail(unusable(fmt::format("the client's key {} cannot be used", files.key)));
    }
    return {};
}

std::string to_text(const ASN1_STRING* text)
{
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<size_t>(ASN1_STRING_length(text))};
}

std::string address_text(const ASN1_OCTET_STRING* address)
{
    const std::string bytes = to_text(address);
    std::vector<unsigned> parts(bytes.size());
    std::transform(bytes.begin(), bytes.end(), parts.begin(), [](char one) { return static_cast<unsigned char>(one); });
    return bytes.size() == 4 ? fmt::format("{}", fmt::join(parts, ".")) : fmt::format("{:02x}", fmt::join(parts, ""));
}

/// What the certificate is good for, for the message to who looks for the right name.
std::vector<std::string> names_of(const X509& certificate)
{
    std::vector<std::string> names;
    const NamesHandle list(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; list && i < sk_GENERAL_NAME_num(list.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
        if (name->type == GEN_DNS) {
            names.push_back(to_text(name->d.dNSName));
        } else if (name->type == GEN_IPADD) {
            names.push_back(address_text(name->d.iPAddress));
        }
    }
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (names.empty() && at >= 0) {
        names.push_back(to_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
    }
    return names;
}

bool is_for(X509& certificate, const std::string& host)
{
    // Like libvirt's library: an address may also stand where names stand.
    return X509_check_ip_asc(&certificate, host.c_str(), 0) == 1 ||
           X509_check_host(&certificate, host.c_str(), host.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

Error not_trusted(long verdict, const TlsFiles& files)
{
    if (verdict == X509_V_ERR_CERT_HAS_EXPIRED || verdict == X509_V_ERR_CERT_NOT_YET_VALID) {
        return Error(ErrorKind::denied, verdict == X509_V_ERR_CERT_HAS_EXPIRED
                                            ? "the host's certificate, or its authority's, has expired"
                                            : "the host's certificate, or its authority's, is not valid yet")
            .with_next("issue a new certificate for the host; compare the clocks");
    }
    return Error(ErrorKind::denied, fmt::format("the host's certificate is not trusted by {}", files.authority))
        .with_cause(X509_verify_cert_error_string(verdict))
        .with_next("the authority's file must be of the authority that signed the host's certificate");
}

}  // namespace

Result<SslHandle> make_tls_session(Channel& below, const TlsFiles& files)
{
    load_crypto_policy();
    ERR_clear_error();
    const ContextHandle context(SSL_CTX_new(TLS_client_method()));
    VMF_ASSERT(context != nullptr);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // The handshake is finished in any case, and judged afterwards: then the message can say why.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, judge);
    VMF_TRY(load_trust(*context, files));
    VMF_TRY(load_own(*context, files));
    SslHandle session(SSL_new(context.get()));
    VMF_ASSERT(session != nullptr);
    BIO* bio = make_bio(below);
    SSL_set_bio(session.get(), bio, bio);
    return session;
}

Result<> check_certificate(SSL& session, const std::string& host, const TlsFiles& files)
{
    const CertificateHandle certificate(SSL_get1_peer_certificate(&session));
    if (!certificate) {
        return fail(ErrorKind::denied, "the host shows no certificate");
    }
    if (const long verdict = SSL_get_verify_result(&session); verdict != X509_V_OK) {
        return fail(not_trusted(verdict, files));
    }
    if (!is_for(*certificate, host)) {
        return fail(Error(ErrorKind::denied, fmt::format("the host's certificate is for {}, not for {}",
                                                         fmt::join(names_of(*certificate), ", "), host))
                        .with_next("name the host in the URI as its certificate does"));
    }
    return {};
}

std::string take_tls_error()
{
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason != nullptr ? reason : "";
}

}  // namespace vmferry::relay
