// libvirt as vmferry's hypervisor.

#pragma once

#include <memory>

#include "core/world/world.hpp"

namespace vmferry::libvirt {

/// May be made more than once; all share one event loop, which lives as long as the process.
[[nodiscard]] std::unique_ptr<world::Hypervisor> make_libvirt_hypervisor();

}  // namespace vmferry::libvirt

/// Entry for dlopen(): the main binary starts without libvirt and libxml2 in it. The caller owns the
/// result (world::Hypervisor) and must never unload the module: threads of it live on.
extern "C" [[gnu::visibility("default")]] vmferry::world::Hypervisor* vmferry_make_hypervisor();
