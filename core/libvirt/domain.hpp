// What every question and act about one domain starts with. For use inside Connection::ask and act.

#pragma once

#include <libvirt/libvirt.h>

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/libvirt/handles.hpp"
#include "core/model/observation.hpp"

namespace vmferry::libvirt {

/// Kind `not_found` when the host does not know it.
[[nodiscard]] Result<DomainHandle> look_up(virConnectPtr connection, const Uuid& uuid);

/// virDomainGetXMLDesc; kind `not_found` when the domain has gone meanwhile.
[[nodiscard]] Result<std::string> definition_of(virDomainPtr domain, unsigned flags);

/// Flags for functions that have AFFECT_LIVE and AFFECT_CONFIG: all that the domain has. 0: neither.
[[nodiscard]] Result<unsigned> existing_definitions(virDomainPtr domain);

[[nodiscard]] Result<bool> is_active(virDomainPtr domain);
[[nodiscard]] Result<bool> is_persistent(virDomainPtr domain);

struct State {
    model::RunState run = model::RunState::unknown;
    model::StateReason reason = model::StateReason::other;
};
[[nodiscard]] Result<State> state_of(virDomainPtr domain);
/// virDomainState and its reason in our words.
[[nodiscard]] State translate_state(int state, int reason);

/// Our marker in the live (VIR_DOMAIN_AFFECT_LIVE) or inactive (CONFIG) definition; nullopt when there is
/// none. A marker that cannot be read counts as none: it allows nothing.
[[nodiscard]] Result<std::optional<model::Marker>> marker_of(virDomainPtr domain, unsigned which);

/// Whether an asynchronous job (migration, save, dump, backup, snapshot) works on a running domain. Waits
/// for the emulator's answer on the source of a migration.
[[nodiscard]] Result<bool> has_job(virDomainPtr domain);
/// Asks for the end of an outgoing migration; ok when there is no job. Kind `busy` for one of another kind.
[[nodiscard]] Result<> end_migration_job(virDomainPtr domain);

}  // namespace vmferry::libvirt
