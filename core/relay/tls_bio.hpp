// OpenSSL's way to a Channel. Its own for sockets would raise SIGPIPE and block what does not.

#pragma once

#include <openssl/bio.h>

#include "core/relay/channel.hpp"

namespace vmferry::relay {

/// Reads and writes through `channel`, which must outlive it and is not owned. For SSL_set_bio().
[[nodiscard]] BIO* make_bio(Channel& channel);

}  // namespace vmferry::relay
