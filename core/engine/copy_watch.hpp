// Waits until copies of disks are complete and close behind the guest.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/image_change.hpp"

namespace vmferry::engine {

class CopyWatch {
public:
    enum class Stops { on_request, never };

    CopyWatch(Context& context, std::string prefix, std::vector<ImageChange> changes, Stops stops)
        : m_context(context), m_prefix(std::move(prefix)), m_changes(std::move(changes)), m_stops(stops)
    {
    }

    /// Until each copy is ready, and what is behind is written in a moment. A copy that the
    /// guest outruns is made anew with synchronous writes. Kinds: `interrupted`, and `failed` when a copy has
    /// ended by itself or the time of the transaction is over.
    [[nodiscard]] Result<> until_ready();

private:
    struct Seen {
        world::CopyProgress progress;
        Milliseconds at{0};
        uint64_t least_remaining = 0;
        Milliseconds least_at{0};
        bool synchronous = false;
        bool unlimited = false;
    };

    Result<bool> look();
    bool are_close(const std::vector<world::CopyProgress>& all);
    Result<> look_at(world::Disks& disks, const ImageChange& change, const world::DiskState* state);
    Result<> hurry(world::Disks& disks, const ImageChange& change, Seen& seen);
    Error why_it_ended(world::Disks& disks, const ImageChange& change);

    Context& m_context;
    std::string m_prefix;
    std::vector<ImageChange> m_changes;
    Stops m_stops;
    std::map<std::string, Seen> m_seen;
    std::optional<Milliseconds> m_near_since;
};

}  // namespace vmferry::engine
