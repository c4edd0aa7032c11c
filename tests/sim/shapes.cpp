// The VMs that stories are told of.

#include "tests/sim/story.hpp"

namespace vmferry::sim {

namespace {

using Mode = model::SwitchMode;

Shape shape(bool persistent, bool paused, bool autostart, bool nvram, bool busy, bool own_limits)
{
    return {persistent, paused, autostart, nvram, busy, own_limits};
}

Shape postcopy(Shape shape)
{
    shape.postcopy = true;
    return shape;
}

Shape switched(Shape shape, model::SwitchMode mode, bool peer_to_peer = false)
{
    shape.switch_mode = mode;
    shape.peer_to_peer = peer_to_peer;
    return shape;
}

Shape off(Shape shape)
{
    shape.off = true;
    return shape;
}

}  // namespace

const std::vector<NamedShape>& shapes()
{
    static const std::vector<NamedShape> s_shapes = {
        {"plain", shape(true, false, false, false, false, false)},
        {"autostart", shape(true, false, true, false, false, true)},
        {"nvram", shape(true, false, true, true, false, false)},
        {"transient", shape(false, false, false, false, false, false)},
        {"paused", shape(true, true, true, false, false, true)},
        {"paused-transient", shape(false, true, false, false, false, false)},
        {"paused-nvram", shape(true, true, false, true, false, false)},
        {"busy", shape(true, false, false, false, true, false)},
        {"waiting", switched(shape(true, false, true, false, false, false), Mode::wait)},
        {"waiting-paused", switched(shape(true, true, false, true, false, false), Mode::wait)},
        {"fenced", switched(shape(true, false, true, false, false, false), Mode::fence)},
        {"p2p", switched(shape(true, false, false, false, false, false), Mode::fence, true)},
        {"p2p-paused", switched(shape(true, true, false, true, false, false), Mode::fence, true)},
        {"p2p-waiting", switched(shape(true, false, false, false, false, false), Mode::wait, true)},
        {"native", switched(shape(true, false, true, false, false, false), Mode::native)},
        {"p2p-native", switched(shape(true, false, false, false, false, false), Mode::native, true)},
        {"postcopy", postcopy(shape(true, false, true, true, false, false))},
        {"off", off(shape(true, false, false, false, false, false))},
        {"off-autostart", off(shape(true, false, true, false, false, false))},
    };
    return s_shapes;
}

const NamedShape* find_shape(std::string_view name)
{
    for (const NamedShape& named : shapes()) {
        if (named.name == name) {
            return &named;
        }
    }
    return nullptr;
}

}  // namespace vmferry::sim
