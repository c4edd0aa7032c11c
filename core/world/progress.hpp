// What a daemon tells of a migration under way.

#pragma once

#include <cstdint>
#include <optional>

#include "core/base/clock.hpp"

namespace vmferry::world {

struct MigrationProgress {
    uint64_t total_bytes = 0;  ///< Of memory; 0 as long as only disks are copied.
    uint64_t processed_bytes = 0;
    uint64_t remaining_bytes = 0;
    uint64_t rate_bytes_per_s = 0;
    uint64_t dirty_bytes_per_s = 0;
    uint64_t iteration = 0;
    unsigned throttle_percent = 0;  ///< Taken from the guest by auto-converge.
    uint64_t disk_total_bytes = 0;
    uint64_t disk_processed_bytes = 0;
    Milliseconds elapsed{0};
    std::optional<Milliseconds> downtime;  ///< Only of a completed job.
};

}  // namespace vmferry::world
