// The network of this machine, for the announce phase.

#pragma once

#include "core/world/prober.hpp"

namespace vmferry::cli {

class NetworkProber final : public world::Prober {
public:
    [[nodiscard]] Result<bool> answers(const std::string& address, const std::vector<std::string>& macs,
                                       Milliseconds limit) override;
};

}  // namespace vmferry::cli
