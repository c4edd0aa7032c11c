// Ed25519 signatures by OpenSSL, with keys in PEM files as `openssl genpkey -algorithm ed25519` and
// `openssl pkey -pubout` write them.

#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace vmferry {

struct Signature {
    std::string key;    ///< Which one: SHA-256 of the public key, lower-case hexadecimal.
    std::string value;  ///< Base64.
};

/// Kind `config` when the file is no private Ed25519 key, cannot be read, or can be read by others.
[[nodiscard]] Result<Signature> sign(std::string_view bytes, const std::string& private_key_file);

/// Fails with kind `denied` when the signature is not of `bytes` by the key in that file, and with
/// `config` when the file is no public Ed25519 key.
[[nodiscard]] Result<> verify(std::string_view bytes, const Signature& signature, const std::string& public_key_file);

}  // namespace vmferry
