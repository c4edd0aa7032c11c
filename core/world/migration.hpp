// One migrate call in flight, with the reply of its Finish in our hand.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/model/disk_copies.hpp"
#include "core/model/marker.hpp"
#include "core/world/progress.hpp"

namespace vmferry::world {

/// Who drives the protocol of a move, and who decides by the reply of its Finish.
enum class Route {
    held,          ///< libvirt's client in this process; our relay holds the reply.
    direct,        ///< libvirt's client in this process decides by itself.
    peer_to_peer,  ///< The source's daemon drives and decides; it goes on when this process dies.
};

/// What a call has to do with post-copy.
enum class PostCopyCall {
    none,
    allowed,  ///< It may be switched to post-copy (Controller::start_postcopy).
    resume,   ///< Goes on with a post-copy whose stream broke: both hosts have the VM already.
};

struct MigrationRequest {
    Uuid vm;
    bool persist = true;                 ///< PERSIST_DEST; never for a transient VM: it would become persistent.
    bool live = true;                    ///< False for a VM that its user paused.
    bool allow_unsafe = false;           ///< UNSAFE: only when sharing was proved and the cache mode is safe.
    bool auto_converge = false;          ///< QEMU may slow the guest down.
    int64_t connections = 0;             ///< Parallel connections; 0: one plain stream.
    uint64_t bandwidth_bytes_per_s = 0;  ///< 0: the VM's own limit. Given to libvirt in whole MiB/s.
    std::string migrate_uri;             ///< Where the memory stream goes; empty: libvirt's choice.
    bool tls = false;                    ///< The memory stream through TLS; the call fails where it cannot be had.
    std::string tls_name;                ///< Name in the target's certificate; empty: the host of the stream.
    bool start_paused = true;            ///< PAUSED: the target is loaded and waits for us; else Finish starts it.
    bool fence = false;                  ///< fence() will be called: what it needs is opened with the call.
    PostCopyCall postcopy = PostCopyCall::none;
    std::vector<model::DiskMove> copies;  ///< These disks and no others are copied, into images that are there.
    bool synchronous_copies = false;      ///< A write of the guest ends when it is in both images.
    model::Marker target_marker;          ///< Replaces the source's marker in the definitions sent to the target.
};

/// What next() reports. Events wake us up, they prove nothing: ask the state.
enum class MigrationEvent {
    held,  ///< (Route::held) Finish answered ok and its reply is held: the target is complete and has executed nothing.
    complete,       ///< (Not held) The target told that it is loaded: ask its state. libvirt may decide at any moment.
    finishing,      ///< (after hold_finish) libvirt's client calls Finish and waits for pass_finish().
    finish_failed,  ///< (Route::held) Finish answered with an error; libvirt rolls back by itself.
    returned,       ///< The migrate call returned: see result().
    suspended,      ///< The source was stopped for the switch: no statistics from here on.
    source_lost,    ///< The connection to the source is gone.
    target_lost,    ///< The driver or observer connection to the target is gone.
    woken,          ///< wake() was called.
    timeout,        ///< Nothing happened within the limit.
};

/// Lives until the call has returned or the process ends. next() and the acts belong to one thread.
class Migration {
public:
    virtual ~Migration() = default;

    /// Waits for the next event. Each is reported once, in order; `held` before a later `returned`.
    [[nodiscard]] virtual MigrationEvent next(Milliseconds limit) = 0;
    /// From any thread, also a signal thread: next() returns `woken`.
    virtual void wake() = 0;
    /// Job statistics of the source. Takes the domain's job for a moment: not after `suspended`.
    [[nodiscard]] virtual Result<MigrationProgress> progress() = 0;
    /// (Route::held) From now on the call of Finish is kept until pass_finish(): `finishing`. One that is under way in
    /// this moment may go through as it is.
    virtual void hold_finish() = 0;
    /// Lets the call of Finish go. `start`: the target is to run at once, while the rest of its memory arrives;
    /// only when the source is seen in post-copy. Else it stays paused, as in every guarded move.
    virtual void pass_finish(bool start) = 0;
    /// (Route::held) Lets the held reply go: libvirt's own Confirm ends the source. Only after the target was resumed.
    virtual void release() = 0;
    /// Ends the driver connection without the reply: libvirt's own Confirm(cancelled) resumes the source.
    /// With the other routes it does nothing: libvirt's own keepalive notices a dead peer.
    virtual void drop() = 0;
    /// (MigrationRequest::fence) Ok when the source's emulator says that it stands behind its stream
    /// (`postmigrate`): it has executed nothing since. Taints the domain. Any error: it is not to be fenced.
    [[nodiscard]] virtual Result<> ready_to_fence() = 0;
    /// (MigrationRequest::fence) Asks once more, then tells the source's emulator to quit. Ok: its end is proved by
    /// its own events, in their order: it has not run since the stream ended. Kind `failed`: nothing was sent.
    /// Kind `unknown`: it may have run, and may have ended. Touches the source's domain no more when this returns.
    [[nodiscard]] virtual Result<> fence(Milliseconds limit) = 0;
    /// The call's own word, once it has returned. Never trusted alone.
    [[nodiscard]] virtual std::optional<Result<>> result() const = 0;
    /// Statistics of the completed job, if the daemon still has them.
    [[nodiscard]] virtual std::optional<MigrationProgress> completed() = 0;
};

}  // namespace vmferry::world
