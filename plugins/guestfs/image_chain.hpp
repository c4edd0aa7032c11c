// Looks at an image and at those it stands on, before an emulator opens them.
//
// - Each is opened as the format that is recorded for it. Where none is recorded, nothing is opened: an image that its
//   guest could write to may look like any format, and as that name any file.
// - Only local files: what an image names may lead anywhere.
// - Where another process writes to it, QEMU's locks say so, and it is left alone.

#pragma once

#include "core/base/clock.hpp"
#include "core/base/process.hpp"
#include "core/model/inspection.hpp"

namespace vmferry::guestfs {

struct CheckedImage {
    model::ImageContents contents;  ///< `inspected` unless something is wrong with it.
    bool openable = false;          ///< An emulator can be given it, although it may be damaged.
};

/// Runs qemu-img, in our process group. An error: it could not be run.
[[nodiscard]] Result<ProcessRun> qemu_img(const std::vector<std::string>& words, Milliseconds limit);

/// What a run of it complained of, in one line.
[[nodiscard]] std::string reason_of(const ProcessRun& run);

/// Takes at most about `limit`.
[[nodiscard]] CheckedImage check_image(const model::InspectedImage& image, Milliseconds limit);

}  // namespace vmferry::guestfs
