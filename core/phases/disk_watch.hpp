// The first part of a move with --copy-storage: disks are copied, no memory is sent yet, and the guest notices nothing.

#pragma once

#include "core/engine/context.hpp"

namespace vmferry::phases {

class DiskWatch {
public:
    explicit DiskWatch(engine::Context& context) : m_context(context), m_start(context.world.clock.now()) {}

    /// True as long as disks are all that is copied; tells how far each of them is.
    [[nodiscard]] bool look(const world::MigrationProgress& progress, Milliseconds now);
    /// The copies take too long, or stand still.
    [[nodiscard]] Result<> judge(Milliseconds now) const;

private:
    void report(Milliseconds now);

    engine::Context& m_context;
    Milliseconds m_start;
    Milliseconds m_moved_at{0};
    Milliseconds m_seen_at{0};
    uint64_t m_processed = 0;
    bool m_over = false;
    std::vector<world::CopyProgress> m_disks;
};

}  // namespace vmferry::phases
