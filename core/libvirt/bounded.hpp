// Calls with a limit. libvirt's own calls wait for ever: each runs on a thread of a pool, and who
// asked stops waiting when the limit is over.
//
// - A call that was given up goes on in its thread; all that it uses must be owned by its closure
//   (shared_ptr), for it may end long after the asker, or never.
// - Threads are never joined: a process can always exit. They block all signals, so that signals
//   reach the thread that waits for them.

#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace vmferry::libvirt {

/// Runs `task` on a pooled thread and returns at once; false when no thread could be had.
[[nodiscard]] bool run_detached(std::function<void()> task);

/// Runs `work` (which returns a Result) and gives its answer, or kind `unknown` after `limit`.
template <typename Work>
[[nodiscard]] std::invoke_result_t<Work> bounded(Milliseconds limit, Work work);

/// The error of a call that was given up.
[[nodiscard]] Error no_answer(Milliseconds limit);

template <typename Work>
std::invoke_result_t<Work> bounded(Milliseconds limit, Work work)
{
    using Answer = std::invoke_result_t<Work>;
    struct Slot {
        std::mutex mutex;
        std::condition_variable changed;
        std::optional<Answer> answer;
        std::optional<Work> work;
    };
    const auto slot = std::make_shared<Slot>();
    slot->work.emplace(std::move(work));
    const bool started = run_detached([slot] {
        std::optional<Answer> answer;
        try {
            answer.emplace((*slot->work)());
        } catch (const std::exception& problem) {
            answer.emplace(fail(ErrorKind::internal, std::string("unexpected: ") + problem.what()));
        }
        // What the closure owns goes before the answer is out: who waits for it may rely on that.
        slot->work.reset();
        const std::lock_guard lock(slot->mutex);
        slot->answer = std::move(answer);
        slot->changed.notify_all();
    });
    if (!started) {
        return fail(ErrorKind::failed, "no thread could be started");
    }
    std::unique_lock lock(slot->mutex);
    if (!slot->changed.wait_for(lock, limit, [&] { return slot->answer.has_value(); })) {
        return fail(no_answer(limit));
    }
    return std::move(*slot->answer);
}

}  // namespace vmferry::libvirt
