// A host with one VM whose guest writes to two disks all the time, as far as a storage-move sees it. It survives the
// death of a vmferry: each call may be the one that kills it, before or after its effect.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/world/world.hpp"
#include "journal/store.hpp"

namespace vmferry::test {

/// vmferry is gone at this call.
struct Killed {};

/// The truth: images hold the number of the last write that reached them.
class StorageWorld {
public:
    struct Disk {
        std::string live;
        std::string inactive;
        std::string copy;
        bool ready = false;
        int looks_left = 0;      ///< Until the copy has caught up.
        int calls_to_pivot = 0;  ///< It was asked to change, and will have done so after that many calls.
    };
    StorageWorld();

    std::map<std::string, uint64_t> images;
    std::map<std::string, Disk> disks;
    std::map<std::string, uint64_t> changes;  ///< How often each image was written to or opened for that.
    const Uuid vm = Uuid::make_v7();
    bool active = true;
    bool paused = false;
    int id = 1;
    uint64_t processor_time = 1000;
    uint64_t written = 0;  ///< The guest was told that this write is safe.
    std::optional<model::Marker> marker;
    std::vector<std::string> damage;  ///< What must never happen.

    // What goes wrong.
    int kill_at_call = -1;
    bool kill_after_effect = false;
    std::set<std::string> refuses_pivot;          ///< Disks.
    std::set<std::string> forgets_definition;     ///< Disks whose definition libvirt does not rewrite.
    std::map<int, std::function<void()>> events;  ///< Before the call of that number.

    /// Each call of vmferry: time goes on, and it may be the last.
    template <typename Effect>
    auto call(Effect effect)
    {
        enter();
        auto answer = effect();
        leave();
        return answer;
    }
    [[nodiscard]] int calls() const { return m_calls; }
    /// Calls count from here on; before, nothing goes wrong.
    void arm()
    {
        m_calls = 0;
        m_armed = true;
    }

    void destroy();
    void start();
    /// A human starts it, uses it, and shuts it down.
    void use();
    void pivot(const std::string& target);
    [[nodiscard]] bool uses(const std::string& path) const;
    /// All that is wrong with the VM now: writes that are lost, a guest that stands, disks on different sides.
    [[nodiscard]] std::vector<std::string> problems() const;

private:
    void enter();
    void leave() const;
    void let_guest_write();

    int m_calls = 0;
    bool m_armed = false;
};

/// World and store over it, for one life of vmferry.
class StorageHypervisor final : public world::Hypervisor {
public:
    explicit StorageHypervisor(StorageWorld& truth) : m_truth(truth) {}
    Result<std::unique_ptr<world::Host>> open(const model::HostAddress& address, Milliseconds limit) override;
    Result<std::unique_ptr<Driver>> prepare(world::Host&, world::Host&, world::Route, Milliseconds) override
    {
        return fail(ErrorKind::internal, "no VM moves here");
    }

private:
    StorageWorld& m_truth;
};

class StorageClock final : public world::Clock {
public:
    [[nodiscard]] Milliseconds now() const override { return m_now; }
    void sleep(Milliseconds duration) override { m_now += duration; }

private:
    Milliseconds m_now{0};
};

/// A journal whose appends may be the last thing that vmferry does.
[[nodiscard]] std::unique_ptr<journal::Store> mortal_store(journal::Store& store, StorageWorld& truth);

}  // namespace vmferry::test
