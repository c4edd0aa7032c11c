// One look at one domain.

#pragma once

#include "core/base/clock.hpp"
#include "core/libvirt/connection.hpp"
#include "core/model/observation.hpp"

namespace vmferry::libvirt {

/// Never fails. What it says held at one moment: state and job are looked at until they agree.
[[nodiscard]] model::Observation observe_domain(Connection& connection, const Uuid& uuid, Milliseconds limit);

}  // namespace vmferry::libvirt
