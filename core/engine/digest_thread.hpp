// The digest of a content while it is still coming: on a thread of its own, so that who brings it does not wait for it.

#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/content_digest.hpp"
#include "core/world/images.hpp"

namespace vmferry::engine {

class DigestThread {
public:
    DigestThread() : m_thread([this] { run(); }) {}
    ~DigestThread();
    DigestThread(const DigestThread&) = delete;
    DigestThread& operator=(const DigestThread&) = delete;

    /// In order. Waits while much is still to be done.
    void put(const world::ImagePiece& piece);
    /// When all is done. Once, and nothing after it.
    [[nodiscard]] std::string finish();

private:
    void run();
    void end();

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<world::ImagePiece> m_pieces;
    bool m_ended = false;
    ContentDigest m_digest;
    std::thread m_thread;
};

}  // namespace vmferry::engine
