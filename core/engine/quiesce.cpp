// The end of a migrate call of this process.

#include "core/engine/acts.hpp"
#include "core/engine/copied_disks.hpp"

namespace vmferry::engine {

using model::RunState;
using model::Side;

namespace {

/// True when the call has returned or its reply is held.
bool wait_for_call(Context& context, Milliseconds limit)
{
    const Milliseconds end = context.world.clock.now() + limit;
    while (!context.migration->result() && !context.reply_held) {
        const Milliseconds left = end - context.world.clock.now();
        if (left.count() <= 0) {
            return false;
        }
        context.reply_held = context.migration->next(left) == world::MigrationEvent::held;
    }
    return true;
}

/// An aborted call returns at once, unless a copy of a disk waits for a peer that does not answer.
constexpr Milliseconds k_copies_patience{1000};

/// In post-copy the source is not what could go on, and a move that is about to enter it must not be torn apart.
bool may_abort(Context& context)
{
    return !context.past_return ||
           context.hosts.observe(Side::source, context.plan.vm_uuid, context.plan.limits.call).state ==
               RunState::running;
}

}  // namespace

Milliseconds return_limit(const Context& context)
{
    constexpr Milliseconds k_daemon_gives_up{45000};
    const Milliseconds& ours = context.plan.limits.finish;
    return context.plan.peer_to_peer ? std::max(ours, k_daemon_gives_up) : ours;
}

void quiesce(Context& context)
{
    if (!context.migration || context.migration->result() || context.reply_held) {
        return;
    }
    context.migration->pass_finish(false);  // One that waits for us would keep the call.
    const auto control = context.control(Side::source);
    if (control && may_abort(context)) {
        static_cast<void>(context.effect("abort:source", [&] { return (*control)->abort_job(context.plan.vm_uuid); }));
    }
    // With a lost target the call would wait for its answer for ever, and the guest may stand.
    if (!context.hosts.at(Side::target).alive()) {
        context.migration->drop();
    }
    if (context.plan.copies.any()) {
        if (wait_for_call(context, k_copies_patience)) {
            return;
        }
        break_copies(context);
    }
    if (wait_for_call(context, context.plan.limits.call)) {
        return;
    }
    // The call waits for an answer that will not come: without its connection it must return.
    context.migration->drop();
    if (!wait_for_call(context, context.plan.limits.finish)) {
        context.warn("the migrate call did not return; what the hosts show decides");
    }
}

void drop_reply(Context& context)
{
    if (!context.reply_held) {
        return;
    }
    static_cast<void>(context.effect("drop", [&]() -> Result<> {
        context.migration->drop();
        return {};
    }));
    context.reply_held = false;
    if (!wait_for_call(context, context.plan.limits.finish)) {
        context.warn("the migrate call did not return; what the hosts show decides");
    }
}

}  // namespace vmferry::engine
