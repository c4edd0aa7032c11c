// Ends the source's emulator where it stands, and proves it (design: switch without a held reply).
//
// - On a connection of its own: after `quit` the daemon holds the domain until it has reaped the process, and
//   requests of other kinds must not wait behind that.
// - Proof is the order of the domain's events on that one connection: QEMU sends RESUME before it executes and
//   SHUTDOWN (by its host) as its main loop ends, through one monitor, and libvirtd queues both in that order. So an
//   end with no RESUMED before it is the end of a copy that has not run. Seen: the event came in each of 80 fences,
//   before the answer to `quit`, which in a quarter of them is an error although the emulator is gone.

#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/libvirt/connection.hpp"
#include "core/libvirt/handles.hpp"

namespace vmferry::libvirt {

/// What the source's events have told. Thread-safe; a value of its own, so that it can be tested.
class FenceSigns {
public:
    /// A lifecycle event of the domain, in libvirt's numbers.
    void lifecycle(int event, int detail);
    void quit_sent();
    void connection_lost();
    [[nodiscard]] bool resumed() const;
    /// Waits for the proof. Kind `unknown`: the source ran again, or nothing came within the limit.
    [[nodiscard]] Result<> wait(Milliseconds limit);

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_quit_sent = false;
    bool m_resumed = false;
    bool m_ended = false;
    bool m_lost = false;
};

class Fence {
public:
    /// Opens the connection, looks the domain up and listens.
    [[nodiscard]] static Result<std::shared_ptr<Fence>> prepare(const std::string& source_uri, const std::string& label,
                                                                const Uuid& vm);
    /// As Migration::ready_to_fence and Migration::fence.
    [[nodiscard]] Result<> ready();
    [[nodiscard]] Result<> fire(Milliseconds limit);

private:
    Fence(std::shared_ptr<Connection> connection, std::shared_ptr<DomainHandle> domain, const Uuid& vm);
    [[nodiscard]] Result<> quit();

    std::shared_ptr<Connection> m_connection;
    std::shared_ptr<DomainHandle> m_domain;
    std::shared_ptr<FenceSigns> m_signs;
    Connection::Token m_token;
};

}  // namespace vmferry::libvirt
