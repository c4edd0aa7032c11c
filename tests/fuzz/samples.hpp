// Documents that are whole and right, for an input to change: a merge patch (RFC 7386) of a few bytes reaches
// what a whole document by chance never would, and corpora stay good when a document gets new fields.

#pragma once

#include "core/base/json.hpp"
#include "core/model/before_image.hpp"
#include "core/model/plan.hpp"

namespace vmferry::fuzz {

[[nodiscard]] model::Plan sample_plan();
[[nodiscard]] model::BeforeImage sample_image();
/// `base` changed by `patch`.
[[nodiscard]] Json patched(Json base, const Json& patch);

}  // namespace vmferry::fuzz
