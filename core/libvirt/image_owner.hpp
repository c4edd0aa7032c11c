// Whose the image files of a running VM are.
//
// libvirt with Debian's settings gives a VM's images to the user of its emulator, and the daemon that ends a copy
// gives them back to root, unless it takes the file system for shared or remembers another owner (xattrs that count
// only on the host that wrote them). After a move, or its way back, the other copy's images may be root's then. Its
// emulator has them open and does not notice, but whatever opens them next - a snapshot, a hot-plug - fails.

#pragma once

#include <libvirt/libvirt.h>

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"

namespace vmferry::libvirt {

/// User and group in numbers, as libvirt writes them.
struct ImageOwner {
    std::string user;
    std::string group;
};

/// To whom the daemon gives the images, by a live definition; nullopt where it leaves owners alone, and for root,
/// who needs none.
[[nodiscard]] Result<std::optional<ImageOwner>> emulator_owner(const std::string& definition);
/// Files that the guest may write and no other VM shares, without those that have a label of their own.
[[nodiscard]] Result<std::vector<std::string>> own_image_files(const std::string& definition);

/// See Inspector and Controller of core/world/host.hpp. For use inside Connection::ask and act.
[[nodiscard]] Result<std::vector<std::string>> estranged_images_now(virConnectPtr connection, const Uuid& uuid);
[[nodiscard]] Result<> give_image_now(virConnectPtr connection, const Uuid& uuid, const std::string& path);

}  // namespace vmferry::libvirt
