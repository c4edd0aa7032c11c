// Opens the disk images of a domain that has never run here.
//
// QEMU 7.2 leaves the images of a VM that arrived paused inactive until its first instruction, and
// aborts when such a VM is migrated once more. Exporting a disk node opens its image as running would,
// and the guest stands still all the while.

#pragma once

#include <libvirt/libvirt.h>

#include "core/base/result.hpp"

namespace vmferry::libvirt {

/// For a paused domain; kind `failed` for any other. Nothing of the exports remains, also on failure.
/// Taints the domain. For use inside Connection::act.
[[nodiscard]] Result<> activate_images_now(virDomainPtr domain);

}  // namespace vmferry::libvirt
