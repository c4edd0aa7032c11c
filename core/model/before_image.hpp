// The before image: the VM's state as it was, complete enough to compare field by field afterwards.
// "As before" is said only after such a comparison.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/model/observation.hpp"

namespace vmferry::model {

struct DiskFile {
    std::string target;
    std::string source;
    std::string owner;  ///< "uid:gid" where the host tells it, else empty.
    std::string mode;   ///< Octal, where the host tells it, else empty.
    bool operator==(const DiskFile&) const = default;
};

/// What libvirt's QEMU driver says of a VM without a speed limit (QEMU_DOMAIN_MIG_BANDWIDTH_MAX).
inline constexpr uint64_t k_no_speed_limit_mib_s = 8796093022207;

/// Is that a limit which somebody has set? 0 is none that is known of.
[[nodiscard]] constexpr bool limits_speed(uint64_t limit_mib_s)
{
    return limit_mib_s != 0 && limit_mib_s != k_no_speed_limit_mib_s;
}

struct BeforeImage {
    Observation state;         ///< Instance id, run state, reason, persistence, processor time.
    std::string live_xml;      ///< Canonical (C14N, our marker and empty <metadata/> removed, run-time values masked);
                               ///< empty when off.
    std::string inactive_xml;  ///< Canonical; empty for a transient VM.
    bool autostart = false;
    bool managed_save = false;
    std::vector<std::string> snapshots;
    std::vector<std::string> checkpoints;
    std::vector<std::string> block_jobs;
    std::vector<DiskFile> disk_files;
    uint64_t max_downtime_ms = 0;      ///< Migration settings are part of the state; 0 when off.
    uint64_t max_bandwidth_mib_s = 0;  ///< 0 when off, or when the host does not tell.
};

/// One field that is not as it was.
struct Difference {
    std::string field;
    std::string before;
    std::string now;
};

/// All that differs. The instance must be the same one (id), its processor time not less than before;
/// reasons of `running` do not count (a resume changes "booted" to "unpaused").
[[nodiscard]] std::vector<Difference> compare(const BeforeImage& before, const BeforeImage& now);

[[nodiscard]] Json to_json(const BeforeImage& image);
[[nodiscard]] Result<BeforeImage> before_image_from_json(const Json& json);

}  // namespace vmferry::model
