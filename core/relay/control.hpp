// What other threads ask of the relay's thread, and what they may know of it.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/handle.hpp"
#include "core/base/result.hpp"
#include "core/relay/event.hpp"

namespace vmferry::relay {

/// Times are of the relay's thread, at the moment of the event.
struct RelayStats {
    uint64_t frames_to_target = 0;
    uint64_t frames_to_client = 0;
    bool client_connected = false;
    bool opaque = false;
    bool held = false;  ///< A reply waits for `release` or `drop`.
    std::optional<Monotonic::time_point> called_at{};
    std::optional<Monotonic::time_point> held_at{};
    std::optional<Monotonic::time_point> released_at{};

    /// The stream is readable: only then may a guarded switch go through this relay.
    [[nodiscard]] bool understood() const { return !opaque && frames_to_target > 0 && frames_to_client > 0; }
};

/// - The first of release and drop counts. A drop after a release only closes the connection when the
///   reply has gone out.
/// - All functions may be called from any thread, also from within an event.
class Control {
public:
    enum class Decision { none, release, drop };
    enum class Call { none, as_it_is, start };
    struct Wishes {
        Decision decision = Decision::none;
        bool keep_paused = false;
        bool hold_call = false;
        Call call = Call::none;
        bool close = false;  ///< Close when there is nothing left to deliver.
    };

    [[nodiscard]] static Result<std::unique_ptr<Control>> make();

    [[nodiscard]] bool release();
    void drop();
    void keep_paused();
    void hold_call();
    void pass_call(bool start);
    void stop();
    [[nodiscard]] RelayStats stats() const;
    [[nodiscard]] std::optional<Error> failure() const;

    /// For the relay's thread.
    [[nodiscard]] int wake_fd() const { return m_wake.get(); }
    [[nodiscard]] Wishes take_wishes();
    void note(RelayEvent event);
    void note_frames(uint64_t to_target, uint64_t to_client);
    void note_client();
    void note_failure(Error error);

private:
    explicit Control(Fd wake) : m_wake(std::move(wake)) {}
    void wake() const;

    Fd m_wake;
    mutable std::mutex m_mutex;
    Wishes m_wishes;
    RelayStats m_stats;
    std::optional<Error> m_failure;
};

}  // namespace vmferry::relay
