#include "core/engine/digest_thread.hpp"

namespace vmferry::engine {

namespace {

/// Pieces that wait: some MiB each.
constexpr size_t k_waiting_max = 8;

}  // namespace

DigestThread::~DigestThread() { end(); }

void DigestThread::put(const world::ImagePiece& piece)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_pieces.size() < k_waiting_max; });
    m_pieces.push_back(piece);
    m_changed.notify_all();
}

void DigestThread::run()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [&] { return m_ended || !m_pieces.empty(); });
        if (m_pieces.empty()) {
            return;
        }
        const world::ImagePiece piece = std::move(m_pieces.front());
        m_pieces.pop_front();
        m_changed.notify_all();
        lock.unlock();
        if (piece.bytes) {
            m_digest.data(piece.bytes.get(), piece.length);
        } else {
            m_digest.hole(piece.length);
        }
        lock.lock();
    }
}

void DigestThread::end()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
        m_changed.notify_all();
    }
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

std::string DigestThread::finish()
{
    end();
    return m_digest.finish();
}

}  // namespace vmferry::engine
