#include "core/base/crypto.hpp"

#include "core/base/libcrypto.hpp"

namespace vmferry {

void start_crypto()
{
    static const int s_started = libcrypto().OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    static_cast<void>(s_started);
}

void load_crypto_policy()
{
    static const int s_loaded = [] {
        start_crypto();
        libcrypto().OPENSSL_load_builtin_modules();
        // As OpenSSL itself does it: a file that is missing or has a mistake is no reason to have no TLS.
        return libcrypto().CONF_modules_load_file(nullptr, nullptr,
                                                  CONF_MFLAGS_DEFAULT_SECTION | CONF_MFLAGS_IGNORE_MISSING_FILE |
                                                      CONF_MFLAGS_IGNORE_RETURN_CODES);
    }();
    static_cast<void>(s_loaded);
}

}  // namespace vmferry
