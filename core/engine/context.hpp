// What the steps of one transaction share: the plan, the hosts, the journal, and what has come of it
// so far. Lives on the stack of the command; nothing in it outlives the process.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/failpoint.hpp"
#include "core/engine/hosts.hpp"
#include "core/engine/interrupt.hpp"
#include "core/engine/outcome.hpp"
#include "core/engine/reporter.hpp"
#include "core/model/before_image.hpp"
#include "core/model/domain.hpp"
#include "core/model/plan.hpp"
#include "core/world/image_inspector.hpp"
#include "core/world/world.hpp"
#include "journal/store.hpp"

namespace vmferry::engine {

class Context {
public:
    Context(world::World& the_world, journal::Store& the_store, Hosts& the_hosts, Reporter& the_reporter,
            Interrupt& the_interrupt)
        : world(the_world), store(the_store), hosts(the_hosts), reporter(the_reporter), interrupt(the_interrupt)
    {
    }

    world::World& world;
    journal::Store& store;
    Hosts& hosts;
    Reporter& reporter;
    Interrupt& interrupt;

    model::Plan plan;
    model::BeforeImage before;
    Outcome outcome;  ///< Filled while it goes.

    // Facts of this run only; recovery never relies on them.
    model::DomainFacts domain;          ///< As described before BEGIN.
    std::vector<std::string> accepted;  ///< Check ids the operator accepted.
    std::string cache_directory;
    bool allow_unsafe = false;  ///< Sharing was proved where libvirt cannot see it.
    bool nvram_shared = false;
    world::ImageInspector* image_inspector = nullptr;  ///< Null: nobody asked what is on the disks.
    bool copies_fixed = false;                         ///< By a sealed plan: exactly these disks are copied.
    /// Of a storage-move: what this process itself has done.
    struct StorageRun {
        bool intent_here = false;    ///< It wrote PIVOT_INTENT.
        bool pivot_tried = false;    ///< It asked a disk to change its image, and was not refused.
        bool pivot_refused = false;  ///< A disk would not, with its copy complete.
    };
    StorageRun storage;
    std::unique_ptr<world::Hypervisor::Driver> driver;
    std::unique_ptr<world::Migration> migration;
    bool reply_held = false;                 ///< The reply of Finish is in our hand.
    bool past_return = false;                ///< POSTCOPY is durable: an interrupt changes nothing any more.
    bool target_let_run = false;             ///< By its Finish, in post-copy.
    bool source_started_anew = false;        ///< Seen after the migrate call: its guest has written to the disks since.
    bool target_has_run = false;             ///< Seen before RESUMED, while the source did not run.
    bool start_unanswered = false;           ///< An attempt to start the target may still be on its way.
    std::optional<Milliseconds> stopped_at;  ///< When the source was stopped for the switch.

    /// Appends durably, together with what was deferred. On error nothing of it is in the journal.
    [[nodiscard]] Result<> record(journal::Kind kind, const std::string& object = {}, SharedJson body = {});
    /// Goes into the journal with the next record(): facts that need no sync of their own.
    void defer(journal::Kind kind, const std::string& object, SharedJson body = {});
    /// record(), for the way back and for what follows the switch: when the journal cannot be
    /// written any more, what saves the VM is done all the same, and said.
    void record_or_warn(journal::Kind kind, const std::string& object = {}, SharedJson body = {});

    /// Opens the transaction of `plan`: its BEGIN entry and `more` after it, in one durable write.
    [[nodiscard]] Result<> begin(const journal::TransactionHead& head, const SharedJson& body,
                                 std::span<const journal::Draft> more = {});
    /// What the journal holds of this transaction, with what was deferred. Known from the writes of this
    /// process since begin(), else read once; read anew only after a COMMIT of which the disk did not say
    /// whether it holds. So a disk that answers nothing any more does not keep the VM from going back.
    /// Valid until the next record() or defer().
    [[nodiscard]] Result<std::span<const journal::Entry>> entries();

    /// An act on the world, with failpoints "effect.NAME.before" and ".after" around it. An error
    /// from `.after` is of kind `unknown`: the effect happened, its reply is lost.
    [[nodiscard]] Result<> effect(std::string_view name, const std::function<Result<>()>& act);

    /// The controller of a side, opened anew if need be.
    [[nodiscard]] Result<world::Controller*> control(model::Side side);
    /// What this transaction writes into the domain's metadata on that side: the plan with it, so that any machine
    /// can recover without the journal. Once asked for, the plan may not change any more.
    [[nodiscard]] model::Marker marker(model::Side role);
    /// The canonical text of `the_plan`, which is that of this transaction.
    const std::string& plan_text(const Json& the_plan);
    [[nodiscard]] const std::string& label(model::Side side) const
    {
        return side == model::Side::source ? plan.source : plan.target;
    }
    void warn(const std::string& text);

private:
    void keep(const journal::Draft& draft);

    std::vector<journal::Draft> m_deferred;
    std::optional<std::vector<journal::Entry>> m_entries;
    std::shared_ptr<const std::string> m_plan_text;
};

}  // namespace vmferry::engine
