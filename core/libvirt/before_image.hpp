// Takes the before image of a domain.

#pragma once

#include <libvirt/libvirt.h>

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/model/before_image.hpp"

namespace vmferry::libvirt {

/// `state` is an observation of this moment. Definitions come without secrets. For use inside
/// Connection::ask.
[[nodiscard]] Result<model::BeforeImage> before_image_now(virConnectPtr connection, const Uuid& uuid,
                                                          const model::Observation& state);

}  // namespace vmferry::libvirt
