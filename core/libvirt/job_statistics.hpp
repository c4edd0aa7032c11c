// Statistics of migration jobs.

#pragma once

#include <libvirt/libvirt.h>

#include <optional>

#include "core/libvirt/connection.hpp"
#include "core/world/progress.hpp"

namespace vmferry::libvirt {

/// `flags` of virDomainGetJobStats. nullopt when there is no such job.
[[nodiscard]] Result<std::optional<world::MigrationProgress>> job_statistics(virConnectPtr connection, const Uuid& vm,
                                                                             unsigned flags);
/// Of the job under way; an error when there is none.
[[nodiscard]] Result<world::MigrationProgress> job_progress(Connection& source, const Uuid& vm);

}  // namespace vmferry::libvirt
