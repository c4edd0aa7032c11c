// Group commit: calls of several threads that come together share one durable write.

#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

namespace vmferry::journal {

/// While one thread writes, others queue up; then one of them writes for all that are in the queue.
/// So each waits for at most one write of others, however many they are.
template <typename Request>
class Group {
public:
    /// Returns when `request` was among those handed to a `write`, by this or another thread.
    /// `write(requests)` is never called by two threads at once, and must not throw.
    template <typename Write>
    void run(Request& request, const Write& write)
    {
        std::unique_lock lock(m_mutex);
        Place place{&request, false};
        m_queue.push_back(&place);
        m_changed.wait(lock, [&] { return place.is_done || !m_is_writing; });
        if (place.is_done) {
            return;
        }
        const std::vector<Place*> places = std::move(m_queue);
        m_queue.clear();
        m_is_writing = true;
        lock.unlock();
        std::vector<Request*> requests;
        requests.reserve(places.size());
        for (const Place* each : places) {
            requests.push_back(each->request);
        }
        write(requests);
        lock.lock();
        for (Place* each : places) {
            each->is_done = true;
        }
        m_is_writing = false;
        m_changed.notify_all();
    }

private:
    struct Place {
        Request* request;
        bool is_done;
    };

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<Place*> m_queue;
    bool m_is_writing = false;
};

}  // namespace vmferry::journal
