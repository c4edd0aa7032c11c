#include "core/base/signature.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "core/base/assert.hpp"
#include "core/base/crypto.hpp"
#include "core/base/digest.hpp"
#include "core/base/handle.hpp"
#include "core/base/libcrypto.hpp"

namespace vmferry {

namespace {

void free_key(EVP_PKEY* key) { libcrypto().EVP_PKEY_free(key); }
void free_context(EVP_MD_CTX* context) { libcrypto().EVP_MD_CTX_free(context); }

using KeyHandle = Handle<EVP_PKEY, free_key>;
using DigestHandle = Handle<EVP_MD_CTX, free_context>;
using FileHandle = Handle<FILE, std::fclose>;

constexpr size_t k_signature_bytes = 64;
constexpr size_t k_text_bytes = 4 * ((k_signature_bytes + 2) / 3);
using SignatureBytes = std::array<unsigned char, k_signature_bytes>;

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

/// Nobody is asked for a passphrase: vmferry runs unattended.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) { return -1; }

Result<KeyHandle> read_key(const std::string& file, bool secret)
{
    load_crypto_policy();
    const FileHandle stream(std::fopen(file.c_str(), "re"));
    if (!stream) {
        return fail(ErrorKind::config, fmt::format("the key {} cannot be read", file));
    }
    KeyHandle key(secret ? libcrypto().PEM_read_PrivateKey(stream.get(), nullptr, no_passphrase, nullptr)
                         : libcrypto().PEM_read_PUBKEY(stream.get(), nullptr, no_passphrase, nullptr));
    if (!key || libcrypto().EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
        return fail(Error(ErrorKind::config, fmt::format("{} is not {} Ed25519 key in PEM, without a passphrase", file,
                                                         secret ? "a private" : "a public"))
                        .with_next(secret ? "openssl genpkey -algorithm ed25519 -out KEY"
                                          : "openssl pkey -in KEY -pubout -out KEY.pub"));
    }
    return key;
}

Result<> refuse_open_file(const std::string& file)
{
    struct stat found {};
    if (::stat(file.c_str(), &found) == 0 && (found.st_mode & (S_IWGRP | S_IRWXO)) != 0) {
        return fail(Error(ErrorKind::config, fmt::format("the key {} can be read or changed by others", file))
                        .with_next(fmt::format("chmod 0600 {}", file)));
    }
    return {};
}

std::string fingerprint(const EVP_PKEY& key)
{
    unsigned char* der = nullptr;
    const int length = libcrypto().i2d_PUBKEY(&key, &der);
    VMF_ASSERT(length > 0);
    std::string digest = sha256_hex({reinterpret_cast<const char*>(der), static_cast<size_t>(length)});
    libcrypto().CRYPTO_free(der, __FILE__, __LINE__);
    return digest;
}

std::string base64(const SignatureBytes& bytes)
{
    std::array<unsigned char, k_text_bytes + 1> text{};
    const int length = libcrypto().EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
    return {text.begin(), text.begin() + length};
}

/// Nothing when it is not exactly what base64() makes of a signature: its last letter has four bits that the decoder
/// does not look at, and one signature has one text.
std::optional<SignatureBytes> from_base64(const std::string& text)
{
    std::array<unsigned char, k_text_bytes> decoded{};
    if (text.size() != k_text_bytes ||
        libcrypto().EVP_DecodeBlock(decoded.data(), raw(text), static_cast<int>(text.size())) < 0) {
        return std::nullopt;
    }
    SignatureBytes bytes{};
    std::copy_n(decoded.begin(), bytes.size(), bytes.begin());
    return base64(bytes) == text ? std::optional(bytes) : std::nullopt;
}

}  // namespace

Result<Signature> sign(std::string_view bytes, const std::string& private_key_file)
{
    VMF_TRY(refuse_open_file(private_key_file));
    VMF_TRY_ASSIGN(const KeyHandle key, read_key(private_key_file, true));
    const DigestHandle context(libcrypto().EVP_MD_CTX_new());
    SignatureBytes value{};
    size_t length = value.size();
    const bool good = libcrypto().EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                      libcrypto().EVP_DigestSign(context.get(), value.data(), &length, raw(bytes), bytes.size()) == 1;
    VMF_ASSERT(good);
    return Signature{fingerprint(*key), base64(value)};
}

Result<> verify(std::string_view bytes, const Signature& signature, const std::string& public_key_file)
{
    VMF_TRY_ASSIGN(const KeyHandle key, read_key(public_key_file, false));
    if (fingerprint(*key) != signature.key) {
        return fail(ErrorKind::denied, fmt::format("it was not signed with the key {}", public_key_file));
    }
    const std::optional<SignatureBytes> value = from_base64(signature.value);
    const DigestHandle context(libcrypto().EVP_MD_CTX_new());
    const bool good =
        value && libcrypto().EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        libcrypto().EVP_DigestVerify(context.get(), value->data(), value->size(), raw(bytes), bytes.size()) == 1;
    return good ? Result<>{} : fail(ErrorKind::denied, "its signature does not fit");
}

}  // namespace vmferry
