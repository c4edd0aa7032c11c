// Where the journal lies: is there one, may we write it, and its creation.

#pragma once

#include <string>

#include "core/base/result.hpp"

namespace vmferry::journal {

struct Place {
    std::string path;       ///< Absolute, with symbolic links resolved as far as it exists.
    std::string directory;  ///< That it lies in; may not exist when `exists` is false.
    bool exists = false;
};

/// Refuses what cannot be a journal file: a directory, a device, an empty file. Kind `journal`.
[[nodiscard]] Result<Place> look_at(const std::string& path);

/// Refuses a place that does not keep what is written or that this user may not write.
[[nodiscard]] Result<> admit_place(const Place& place);

/// Refuses an existing journal that this user may not read. Kind `journal`.
[[nodiscard]] Result<> admit_reading(const Place& place);

/// Creates the directory (2770) and the journal (0660), complete or not at all, and durable.
/// Another process may win the race; then its journal stays and this is a success.
[[nodiscard]] Result<> create(const Place& place);

}  // namespace vmferry::journal
