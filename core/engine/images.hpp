// Whose the image files are after a copy has ended.

#pragma once

#include <string>

#include "core/engine/context.hpp"

namespace vmferry::engine {

/// The daemon that ended the other copy may have given its images to root: what this side's copy has open and could not
/// open again is given back, NOTE("owner:SIDE") durable before. Says what could not be; empty when all is well.
[[nodiscard]] std::string keep_images(Context& context, model::Side side);

}  // namespace vmferry::engine
