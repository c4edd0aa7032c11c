// Whether a file of a host is the file of that path on the machine vmferry runs on, so that its content need not go
// through the daemon.

#pragma once

#include <string>

#include "core/engine/context.hpp"

namespace vmferry::phases {

/// The file is there and looks alike on both ways, and a nonce that was written through the host into its directory is
/// found here. False is no error: then it is read and written through the daemon. The nonce is in the ledger first
/// (LEDGER("probe:...")), and gone afterwards.
[[nodiscard]] Result<bool> prove_here(engine::Context& context, model::Side side, const std::string& path);

}  // namespace vmferry::phases
