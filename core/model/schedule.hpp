// How a move is made to converge, and what that schedule did.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace vmferry::model {

/// What happens when the memory has not converged in time.
enum class OnTimeout {
    rollback,  ///< The VM stays at the source, as it was.
    suspend,   ///< The guest is stopped until the rest is sent: it moves, with a long gap.
    postcopy,  ///< The guest goes on at the target while the rest is sent: no way back from there.
};

[[nodiscard]] std::string_view to_string(OnTimeout action);
[[nodiscard]] std::optional<OnTimeout> parse_on_timeout(std::string_view text);

/// Whether memory that does not converge may be sent after the switch.
enum class PostCopy {
    never,
    allow,  ///< As soon as patience and downtime do not help any more.
};

[[nodiscard]] std::string_view to_string(PostCopy postcopy);
[[nodiscard]] std::optional<PostCopy> parse_postcopy(std::string_view text);

/// Most connections that libvirt opens for one stream of memory.
inline constexpr int k_most_connections = 255;
/// libvirt counts bandwidth in whole MiB/s.
inline constexpr uint64_t k_least_bandwidth = uint64_t{1} << 20;

struct Schedule {
    std::string profile = "gentle";
    /// The downtime limit starts here and rises stepwise. Low is also safe: what is left at the stop fits
    /// the socket's send buffer.
    Milliseconds first_downtime{10};
    Milliseconds max_downtime{300};
    /// Without a smaller pass for this long, the move is taken to be one that does not converge.
    Milliseconds stall{std::chrono::minutes(5)};
    bool auto_converge = false;          ///< QEMU may slow the guest down.
    int64_t connections = 0;             ///< Parallel connections; 0: one plain stream.
    uint64_t bandwidth_bytes_per_s = 0;  ///< 0: not limited by us.
    OnTimeout on_timeout = OnTimeout::rollback;
    PostCopy postcopy = PostCopy::never;

    /// The operator's consent, given by either option.
    [[nodiscard]] bool may_postcopy() const { return postcopy == PostCopy::allow || on_timeout == OnTimeout::postcopy; }
};

[[nodiscard]] Json to_json(const Schedule& schedule);
/// Kind `bad_plan`.
[[nodiscard]] Result<Schedule> schedule_from_json(const Json& json);

/// One act of the schedule, with what it was decided by.
struct ScheduleStep {
    std::string action;        ///< "raise-downtime", "suspend", "postcopy".
    Milliseconds at{0};        ///< Since the memory phase began.
    Milliseconds downtime{0};  ///< The limit from here on.
    uint64_t pass = 0;
    uint64_t remaining_bytes = 0;
    uint64_t dirty_bytes_per_s = 0;
    uint64_t rate_bytes_per_s = 0;
    std::string reason;
};

[[nodiscard]] Json to_json(const ScheduleStep& step);

/// What the schedule of one move did.
struct ScheduleTrace {
    Schedule schedule;
    std::vector<ScheduleStep> steps;
    Milliseconds downtime_limit{0};  ///< In force at the end.
    unsigned throttle_percent = 0;   ///< Most of its time that QEMU took from the guest.
};

}  // namespace vmferry::model
