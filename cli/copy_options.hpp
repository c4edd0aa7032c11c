// The options that say what becomes of disks that the two hosts do not share.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "core/engine/transaction.hpp"
#include "core/phases/copy_plan.hpp"

namespace vmferry::cli {

class CopyOptions {
public:
    void declare(OptionSet& options);
    [[nodiscard]] bool any() const;
    /// nullopt: nothing is copied. Kind `usage` for what contradicts itself, or the rest of the request.
    [[nodiscard]] Result<std::optional<phases::CopyRequest>> request(const engine::MoveRequest& move) const;

private:
    Result<> take_mapping(const std::string& word);

    bool m_copy = false;
    std::vector<std::pair<std::string, std::string>> m_map;
    bool m_keep_source = false;
    bool m_synchronous = false;
};

}  // namespace vmferry::cli
