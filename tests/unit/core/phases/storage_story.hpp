// A storage-move over test::StorageWorld, from its plan to its end, in as many lives of vmferry as it takes.

#pragma once

#include <gtest/gtest.h>

#include "core/engine/from_markers.hpp"
#include "core/engine/kept_images.hpp"
#include "core/engine/settle.hpp"
#include "core/engine/transaction.hpp"
#include "core/phases/phases.hpp"
#include "core/phases/storage_plan.hpp"
#include "tests/unit/core/phases/storage_world.hpp"

namespace vmferry::phases {

using engine::Outcome;
using engine::OutcomeKind;
using test::Killed;
using test::StorageWorld;

/// One process after the other over the same world and journal.
class Life {
public:
    Life(StorageWorld& truth, journal::Store& store)
        : m_hypervisor(truth), m_world{m_hypervisor, m_clock, std::launch::deferred},
          m_store(test::mortal_store(store, truth)), m_hosts(m_world, {"kvm1", "", ""}, {"kvm1", "", ""}),
          m_context(m_world, *m_store, m_hosts, m_reporter, m_interrupt), m_truth(truth)
    {
        EXPECT_TRUE(m_hosts.open_both(Milliseconds(1)));
    }

    /// nullopt: killed.
    std::optional<Outcome> move(StorageRequest request)
    {
        const auto planned = plan_storage_move(m_context, m_truth.vm, request);
        EXPECT_TRUE(planned) << (planned ? "" : planned.error().text());
        m_truth.arm();
        return until_killed([&] {
            const auto outcome = engine::run_transaction(m_context, *phases_of(m_context.plan));
            return outcome ? *outcome : Outcome{};
        });
    }
    [[nodiscard]] Result<> plan_only(const StorageRequest& request)
    {
        return plan_storage_move(m_context, m_truth.vm, request);
    }
    [[nodiscard]] Result<> release(const Uuid& transaction)
    {
        VMF_TRY_ASSIGN(const auto entries, m_store->entries(transaction));
        VMF_TRY(engine::load_transaction(m_context, entries));
        return engine::release_kept_images(m_context);
    }
    std::optional<Outcome> settle(const Uuid& transaction)
    {
        const auto entries = m_store->entries(transaction);
        EXPECT_TRUE(entries && engine::load_transaction(m_context, *entries));
        m_truth.arm();
        const auto row = m_store->find(transaction.str());
        const bool ended = row && !row->outcome.empty();
        return until_killed([&] {
            return ended ? engine::pay_debts(m_context, *phases_of(m_context.plan))
                         : engine::settle(m_context, *phases_of(m_context.plan), {}, std::nullopt);
        });
    }
    [[nodiscard]] Result<> rebuild(const model::Marker& marker) { return engine::rebuild(m_context, marker); }
    [[nodiscard]] const Uuid& transaction() const { return m_context.plan.transaction; }

private:
    template <typename Work>
    std::optional<Outcome> until_killed(Work work)
    {
        try {
            return work();
        } catch (const Killed&) {
            return std::nullopt;
        }
    }

    test::StorageHypervisor m_hypervisor;
    test::StorageClock m_clock;
    world::World m_world;
    std::unique_ptr<journal::Store> m_store;
    engine::Hosts m_hosts;
    engine::Reporter m_reporter;
    engine::Interrupt m_interrupt;
    engine::Context m_context;
    StorageWorld& m_truth;
};

inline StorageRequest to_new()
{
    StorageRequest request;
    request.to = "/new";
    return request;
}

struct Story {
    StorageWorld truth;
    std::unique_ptr<journal::Store> store = journal::open_memory(journal::Hashing::off);
    std::optional<Outcome> outcome;
    StorageRequest request = to_new();

    void move()
    {
        Life life(truth, *store);
        outcome = life.move(request);
        transaction = life.transaction();
    }
    /// As `rollback TX` of a committed one does it.
    void move_back()
    {
        const auto entries = store->entries(transaction);
        ASSERT_TRUE(entries);
        const auto plan = model::plan_from_json(entries->front().body->at("plan"));
        ASSERT_TRUE(plan);
        request = way_back(*plan, !engine::kept_images(*entries).empty());
        move();
    }
    void settle()
    {
        truth.kill_at_call = -1;
        truth.events.clear();
        const auto row = store->find(transaction.str());
        if (row) {
            Life life(truth, *store);
            outcome = life.settle(transaction);
        } else {
            outcome = Outcome{};
            outcome->kind = OutcomeKind::refused;  // Killed before BEGIN: nothing was touched.
        }
    }
    /// As an operator would: once more where it is in doubt, with the VM started when it is off.
    void settle_until_final()
    {
        if (!outcome) {
            settle();
        }
        if (outcome && outcome->kind == OutcomeKind::in_doubt) {
            if (!truth.active) {
                truth.start();
            }
            settle();
        }
    }
    [[nodiscard]] bool has_debts() const
    {
        const auto row = store->find(transaction.str());
        return row && row->open_debts > 0;
    }

    Uuid transaction;
};

inline void expect_whole(Story& story, const std::string& name)
{
    ASSERT_TRUE(story.outcome) << name;
    const OutcomeKind kind = story.outcome->kind;
    EXPECT_NE(kind, OutcomeKind::in_doubt) << name << ": " << story.outcome->reason;
    EXPECT_NE(kind, OutcomeKind::lost) << name;
    for (const std::string& problem : story.truth.problems()) {
        ADD_FAILURE() << name << ": " << problem;
    }
    if (story.has_debts()) {
        story.settle();
    }
    EXPECT_FALSE(story.has_debts()) << name;
    EXPECT_FALSE(story.truth.marker) << name << ": the marker is left";
    EXPECT_EQ(story.truth.images.size(), 2U) << name << ": images are left, or gone";
    for (const auto& [path, content] : story.truth.images) {
        EXPECT_TRUE(story.truth.uses(path)) << name << ": left over: " << path;
    }
}

}  // namespace vmferry::phases
