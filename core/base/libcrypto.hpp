// OpenSSL's libcrypto, loaded at its first use: it is a third of the start of a command that needs no digest.

#pragma once

#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace vmferry {

/// What is used of it outside the relay, which is linked with it. Named as OpenSSL names them.
#define VMF_LIBCRYPTO(X)                                                                                               \
    X(OPENSSL_init_crypto)                                                                                             \
    X(OPENSSL_load_builtin_modules)                                                                                    \
    X(CONF_modules_load_file)                                                                                          \
    X(CRYPTO_free)                                                                                                     \
    X(EVP_sha256)                                                                                                      \
    X(EVP_Digest)                                                                                                      \
    X(EVP_PKEY_free)                                                                                                   \
    X(EVP_PKEY_get_id)                                                                                                 \
    X(EVP_MD_CTX_new)                                                                                                  \
    X(EVP_MD_CTX_free)                                                                                                 \
    X(EVP_DigestInit_ex)                                                                                               \
    X(EVP_DigestUpdate)                                                                                                \
    X(EVP_DigestFinal_ex)                                                                                              \
    X(EVP_DigestSignInit)                                                                                              \
    X(EVP_DigestSign)                                                                                                  \
    X(EVP_DigestVerifyInit)                                                                                            \
    X(EVP_DigestVerify)                                                                                                \
    X(EVP_EncodeBlock)                                                                                                 \
    X(EVP_DecodeBlock)                                                                                                 \
    X(PEM_read_PrivateKey)                                                                                             \
    X(PEM_read_PUBKEY)                                                                                                 \
    X(i2d_PUBKEY)

struct Libcrypto {
#define VMF_MEMBER(name) decltype(&::name) name = nullptr;
    VMF_LIBCRYPTO(VMF_MEMBER)
#undef VMF_MEMBER
};

/// Loads it at the first call. Ends the process, with the reason, when it is not there: it is a package that vmferry
/// depends on, and nothing has been begun before its first digest.
[[nodiscard]] const Libcrypto& libcrypto();

}  // namespace vmferry
