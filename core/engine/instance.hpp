// Whether a VM that runs is still the one that was looked at before.

#pragma once

#include "core/model/before_image.hpp"

namespace vmferry::engine {

/// `now` is active, and not the instance that the before image is of.
[[nodiscard]] bool is_other_instance(const model::Observation& now, const model::BeforeImage& before);

}  // namespace vmferry::engine
