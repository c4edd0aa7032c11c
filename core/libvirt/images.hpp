// Image files of a host: made and removed through its storage pools. For use inside Connection::ask and act.

#pragma once

#include <libvirt/libvirt.h>

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/world/disks.hpp"
#include "core/world/images.hpp"

namespace vmferry::libvirt {

[[nodiscard]] Result<world::Place> place_now(virConnectPtr connection, const std::string& name_or_directory);
[[nodiscard]] Result<> create_image_now(virConnectPtr connection, const world::ImageOrder& order);
[[nodiscard]] Result<world::FileAccess> access_now(virConnectPtr connection, const std::string& path);
[[nodiscard]] Result<world::ImageFile> image_file_now(virConnectPtr connection, const std::string& path);
[[nodiscard]] Result<> delete_image_now(virConnectPtr connection, const std::string& path,
                                        const std::string& working_pool);
[[nodiscard]] Result<std::vector<std::string>> users_of_now(virConnectPtr connection, const std::string& path);

}  // namespace vmferry::libvirt
