// Disk images as the machine sees them on which vmferry runs.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/inspection.hpp"

namespace vmferry::world {

class ImageInspector {
public:
    virtual ~ImageInspector() = default;

    /// Looks into all of them in one go, read-only; takes up to minutes. Nobody may write to them meanwhile. Damage is
    /// part of the answer; an error says why there is none: kind `not_found` where the inspector is not installed,
    /// `interrupted`, or `failed`.
    [[nodiscard]] virtual Result<model::Inspection> inspect(const std::vector<model::InspectedImage>& images) = 0;
    /// The first 4 KiB of a file here; nullopt when there is none, or it may not be read.
    [[nodiscard]] virtual std::optional<std::string> beginning_of(const std::string& path) = 0;
    [[nodiscard]] virtual bool is_block_device(const std::string& path) = 0;
    /// The name that this machine gives itself; empty when it has none of its own ("localhost").
    [[nodiscard]] virtual std::string host_name() = 0;
};

}  // namespace vmferry::world
