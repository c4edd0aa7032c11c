// The engine's clock outside the simulator.

#pragma once

#include <thread>

#include "core/world/world.hpp"

namespace vmferry::cli {

class SystemClock final : public world::Clock {
public:
    [[nodiscard]] Milliseconds now() const override
    {
        return std::chrono::duration_cast<Milliseconds>(Monotonic::now().time_since_epoch());
    }
    void sleep(Milliseconds duration) override { std::this_thread::sleep_for(duration); }
};

}  // namespace vmferry::cli
