// Who sees everything: whether two copies ran, whether a copy ran with memory older than its disk,
// whether the only memory was thrown away. The engine never sees it.

#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/parts.hpp"
#include "tests/sim/timeline.hpp"

namespace vmferry::sim {

class Oracle {
public:
    /// `is_heard`: whether that host answers the tool.
    Oracle(const Timeline& time, Machine (&machines)[2], std::function<bool(Side)> is_heard)
        : m_time(time), m_machines(machines), m_is_heard(std::move(is_heard))
    {
    }

    /// The tool's request that is now carried out was sent at `moment`: what came after it, its sender could not know.
    class Sent {
    public:
        Sent(Oracle& oracle, Ms moment) : m_oracle(oracle), m_before(std::exchange(oracle.m_sent_at, moment)) {}
        Sent(const Sent&) = delete;
        Sent& operator=(const Sent&) = delete;
        ~Sent() { m_oracle.m_sent_at = m_before; }

    private:
        Oracle& m_oracle;
        Ms m_before;
    };

    /// The copy on `side` has just been let run.
    void starts_running(Side side, Cause cause);
    /// Each running copy executes: called whenever time moves.
    void execute();
    /// The copy on `side` is about to be ended.
    void ends(Side side, Cause cause);
    /// libvirt is let end the source: what happens while that is on its way, nobody can know.
    void confirm_sent();
    [[nodiscard]] bool confirm_is_due() const { return m_confirm_is_due; }
    /// END says that the VM is at the source: what is left at the target is garbage from here on.
    void source_owns() { m_source_owns = true; }
    /// The NVRAM file of `side` is about to be removed.
    void removes_nvram(Side side, const std::string& path);
    /// A copy went away by itself; nobody can know it in this very moment.
    void copy_lost() { m_lost_at = m_time.now(); }
    void human_acted() { m_human_at = m_time.now(); }
    /// An answer with this came to the tool.
    void saw(Side side, const model::Observation& seen);
    /// From here on an emulator at the source that was told to quit leaves what a guest leaves that shuts itself down.
    void fence_sent() { m_fence_sent = true; }
    /// Its process has ended; `kept`: what it saw is in the journal, or could be.
    void tool_ended(bool kept);

    /// Of a move whose target libvirt starts by itself: it may let the source run on as well, and says so.
    bool price_is_two_copies = false;
    /// Of the move of a VM that is off: not even humans can make two copies run.
    bool bolts = false;
    [[nodiscard]] bool price_was_paid() const { return m_price_paid; }

    /// Holds all that the guest ever did.
    [[nodiscard]] bool is_newest(const Instance& copy) const
    {
        return copy.loaded && !copy.partial && copy.memory == m_disk;
    }
    /// In post-copy: each host has its part of the memory.
    [[nodiscard]] bool halves_exist() const;
    /// Of the original guest, not of one that was booted since.
    [[nodiscard]] bool memory_exists() const;
    [[nodiscard]] uint64_t disk() const { return m_disk; }

    void violate(std::string what);
    [[nodiscard]] const std::vector<std::string>& violations() const { return m_violations; }
    /// Nobody can act on what another did in this very moment.
    [[nodiscard]] bool excused() const { return m_human_broke || m_price_paid || m_time.now() - m_human_at <= k_race; }

private:
    void execute(Side side);
    [[nodiscard]] bool ends_with_its_client(const Instance& copy) const;
    [[nodiscard]] bool is_libvirts_own(Side side, const Instance& copy) const;
    [[nodiscard]] bool excuses_unseen();
    /// A request of the tool that was on its way already when a human acted, or was sent in that very moment.
    [[nodiscard]] bool is_late(Cause cause) const { return cause == Cause::tool && m_sent_at - m_human_at <= k_race; }

    /// A short cut holds an answer back for 1.5 s, and it travels: until then the tool knows nothing of it.
    static constexpr Ms k_race = 1510;
    /// What a human let run, as long as no answer has shown it to the tool.
    struct Unseen {
        bool is_so = false;
        bool shown = false;             ///< To the process that runs, and to none before.
        std::optional<int> started_as;  ///< The instance, where he started it anew: that shows as long as it is there.
    };
    static constexpr size_t k_most_violations = 8;
    const Timeline& m_time;
    Machine (&m_machines)[2];
    std::function<bool(Side)> m_is_heard;
    bool m_human_ran[2] = {false, false};  ///< It was a human who let the copy there run.
    Unseen m_unseen[2];
    Side m_writer = Side::source;  ///< Where the disk was written last.
    bool m_fence_sent = false;
    uint64_t m_disk = 1;
    Ms m_human_at = -k_forever;
    Ms m_sent_at = k_forever;  ///< Of the request that is being carried out.
    Ms m_lost_at = -k_forever;
    bool m_confirm_is_due = false;
    bool m_source_owns = false;
    bool m_human_broke = false;
    bool m_price_paid = false;
    bool m_human_ended[2] = {false, false};  ///< A copy with all that the guest ever did: it is his wish.
    std::vector<std::string> m_violations;
};

}  // namespace vmferry::sim
