// The two hosts of a move, with their observer connections. A lost connection is opened anew, within
// limits: a stale one is never used again.

#pragma once

#include <memory>

#include "core/model/owner.hpp"
#include "core/world/world.hpp"

namespace vmferry::engine {

class Hosts {
public:
    Hosts(world::World& world, model::HostAddress source, model::HostAddress target)
        : m_world(world), m_sides{Link{std::move(source), nullptr}, Link{std::move(target), nullptr}}
    {
    }

    /// Opens both, side by side. The error of the source comes first.
    [[nodiscard]] Result<> open_both(Milliseconds limit);
    /// The open host; opens it anew, within `limit`, when its connection was lost.
    [[nodiscard]] Result<world::Host*> get(model::Side side, Milliseconds limit);
    /// The host as it is, also when its connection was lost. Must have been opened.
    [[nodiscard]] world::Host& at(model::Side side);
    [[nodiscard]] const model::HostAddress& address(model::Side side) const { return link(side).address; }
    /// Never fails: a host that cannot be reached within `limit` is an observation too.
    [[nodiscard]] model::Observation observe(model::Side side, const Uuid& vm, Milliseconds limit);

private:
    struct Link {
        model::HostAddress address;
        std::unique_ptr<world::Host> host;
    };
    Link& link(model::Side side) { return m_sides[side == model::Side::source ? 0 : 1]; }
    [[nodiscard]] const Link& link(model::Side side) const { return m_sides[side == model::Side::source ? 0 : 1]; }

    world::World& m_world;
    Link m_sides[2];
};

}  // namespace vmferry::engine
