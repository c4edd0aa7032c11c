// Whether a device path is the same piece of storage on both hosts.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/checks/check.hpp"

namespace vmferry::checks {

struct BlockComparison {
    bool same = false;
    std::string identity;        ///< What both hosts said, when same.
    std::string reason;          ///< Why not, or why it is not known.
    std::optional<Error> error;  ///< A host that could not answer.
};
[[nodiscard]] BlockComparison compare_block_device(CheckContext& context, const std::string& path);

/// True for serials that many devices share: too short, one letter repeated, or a maker's default.
[[nodiscard]] bool is_weak_identity(std::string_view identity);

}  // namespace vmferry::checks
