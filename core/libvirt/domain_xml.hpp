// Reads a domain's definition into facts.

#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/model/domain.hpp"

namespace vmferry::libvirt {

/// All that the XML itself says: everything of DomainFacts but the state (`now`, autostart, pending
/// configuration, saved state, snapshots, checkpoints, jobs, errors). `cpu_xml` is this document's
/// <cpu>. Kind `failed` when it is not the definition of a domain with a name and a UUID.
[[nodiscard]] Result<model::DomainFacts> read_domain(const std::string& definition);

/// The <cpu> element as text; empty when there is none.
[[nodiscard]] Result<std::string> cpu_of(const std::string& definition);

/// MAC addresses of a definition, lower case.
[[nodiscard]] Result<std::vector<std::string>> macs_of(const std::string& definition);

}  // namespace vmferry::libvirt
