// Copies the content of one image of a VM that is off, reads the copy back and compares.

#pragma once

#include "core/engine/copied_images.hpp"

namespace vmferry::engine {

/// Where the two files are: side and how to come to them.
struct CopyPlaces {
    world::ImagePlace from;
    world::ImagePlace to;
    model::Side to_side = model::Side::target;
};

/// Fills the existing file `places.to` with what `places.from` holds; holes stay holes. Ok when the digest of what was
/// read there is that of what is read back here, and the original looks as it did before. Returns the body of COPIED.
///
/// Stops on request, when the time is over, and when somebody starts the VM (VMF-E222), about which the source is asked
/// each second.
[[nodiscard]] Result<Json> copy_image(Context& context, const ImageCopy& copy, const CopyPlaces& places);

}  // namespace vmferry::engine
