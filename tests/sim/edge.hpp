// The world's interfaces over the simulated hosts.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/world/world.hpp"
#include "tests/sim/rules.hpp"
#include "tests/sim/universe.hpp"

namespace vmferry::sim {

[[nodiscard]] model::HostAddress address_of(Side side);
[[nodiscard]] Side side_of(const model::HostAddress& address);

class SimClock final : public world::Clock {
public:
    explicit SimClock(Universe& universe) : m_universe(universe) {}
    [[nodiscard]] Milliseconds now() const override { return Milliseconds(m_universe.time.now()); }
    void sleep(Milliseconds duration) override { m_universe.sleep(duration.count()); }

private:
    Universe& m_universe;
};

class SimHypervisor final : public world::Hypervisor {
public:
    SimHypervisor(Universe& universe, Rules& rules) : m_universe(universe), m_rules(rules) {}
    [[nodiscard]] Result<std::unique_ptr<world::Host>> open(const model::HostAddress& address,
                                                            Milliseconds limit) override;
    [[nodiscard]] Result<std::unique_ptr<Driver>> prepare(world::Host& source, world::Host& target, world::Route route,
                                                          Milliseconds limit) override;

private:
    [[nodiscard]] Result<int> connect(Side side, Milliseconds limit, std::string_view name, bool keepalive);

    Universe& m_universe;
    Rules& m_rules;
};

}  // namespace vmferry::sim
