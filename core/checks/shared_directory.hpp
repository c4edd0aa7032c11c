// The nonce proof: a directory is the same one on both hosts when a volume with content that nobody
// can guess, written through the source, is read through the target.
//
// - The ledger knows of the volume and of each transient pool before they can exist.
// - What was made is removed on all paths; what cannot be removed stays in the ledger and is told.
// - Only what this proof created is deleted: the volume's name carries a random part, it is deleted
//   through the source alone, and not when the source said that it did not create it.
// - A target that does not see the file at once is asked again for CheckContext::probe_patience:
//   network file systems remember for a while that a file does not exist.

#pragma once

#include <string>

#include "core/checks/check.hpp"

namespace vmferry::checks {

/// Proves `directory` once per run, whoever asks.
[[nodiscard]] DirectoryProof prove_directory(CheckContext& context, const std::string& directory);

/// Proves that `directory` of the source is the one of that path on the machine vmferry runs on, once per run.
[[nodiscard]] DirectoryProof prove_directory_here(CheckContext& context, world::ImageInspector& here,
                                                  const std::string& directory);

/// The directory part of an absolute path, without a trailing slash; empty when a nonce must not be
/// written there (no absolute path, "..", the root, /dev, /proc, /sys).
[[nodiscard]] std::string probe_directory(const std::string& path);

}  // namespace vmferry::checks
