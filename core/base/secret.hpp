// Keeps secrets out of journal, log and output.

#pragma once

#include <string>
#include <string_view>

namespace vmferry {

/// A URI as it may be shown and stored: the password of `user:password@` and the values of query
/// parameters that carry secrets (password, passwd, secret, token, key material) become "***".
[[nodiscard]] std::string redact_uri(std::string_view uri);

}  // namespace vmferry
