// The network as the machine sees it on which vmferry runs.

#pragma once

#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace vmferry::world {

class Prober {
public:
    virtual ~Prober() = default;
    /// Asks once whether somebody answers at `address`, and waits at most for `limit`. Where the answer
    /// tells its MAC address, only one of `macs` counts; no `macs`: any. An error when it cannot be asked.
    [[nodiscard]] virtual Result<bool> answers(const std::string& address, const std::vector<std::string>& macs,
                                               Milliseconds limit) = 0;
};

}  // namespace vmferry::world
