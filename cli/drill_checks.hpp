// What a round of the drill has to find, in sentences; none: proved.

#pragma once

#include <string>
#include <vector>

#include "core/model/before_image.hpp"

namespace vmferry::cli {

using Problems = std::vector<std::string>;

/// Field by field as before.
[[nodiscard]] Problems problems_after_way_back(const model::BeforeImage& before, const model::BeforeImage& now);
/// All that has to come along.
[[nodiscard]] Problems problems_after_move(const model::BeforeImage& before, const model::BeforeImage& now);
/// It runs here and bears no marker, and the other host knows nothing of it.
void add_leftovers(Problems& problems, const std::string& here, const model::BeforeImage& now, const std::string& there,
                   const model::Observation& other);

}  // namespace vmferry::cli
