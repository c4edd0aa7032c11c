// The migrate call itself: flags, definitions and parameters.

#pragma once

#include <libvirt/libvirt.h>

#include <memory>
#include <string>
#include <vector>

#include "core/libvirt/connection.hpp"
#include "core/libvirt/handles.hpp"
#include "core/world/migration.hpp"

namespace vmferry::libvirt {

/// All that the call needs, read and built before it.
struct MigrateCall {
    DomainHandle domain;
    TypedParameters parameters;
    unsigned flags = 0;
};

/// Never UNDEFINE_SOURCE; PERSIST_DEST only on request.
[[nodiscard]] unsigned migrate_flags(const world::MigrationRequest& request);

/// A definition as the target shall have it, with its marker and the images that it gets there. `form`: flags of
/// virDomainGetXMLDesc.
[[nodiscard]] Result<std::string> definition_for_target(virDomainPtr domain, unsigned form, const model::Marker& marker,
                                                        const std::vector<model::DiskMove>& copies);

/// Connections, bandwidth and the disks to copy, as far as they are asked for. False when memory is short.
[[nodiscard]] bool add_tuning(TypedParameters& parameters, const world::MigrationRequest& request);

/// Looks the domain up and reads its definitions on the source; puts the target's marker in.
[[nodiscard]] Result<std::shared_ptr<MigrateCall>> build_call(Connection& source,
                                                              const world::MigrationRequest& request);

/// Blocks until libvirt has decided by the reply of Finish.
[[nodiscard]] Result<> run_call(const MigrateCall& call, virConnectPtr driver);
/// The same, driven by the source's daemon, which opens `target_uri` itself.
[[nodiscard]] Result<> run_call(const MigrateCall& call, const std::string& target_uri);

}  // namespace vmferry::libvirt
