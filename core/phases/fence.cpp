#include "core/phases/fence.hpp"

#include "core/base/log.hpp"
#include "core/engine/acts.hpp"
#include "core/engine/phase.hpp"
#include "core/engine/recovery.hpp"
#include "core/engine/settle.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

/// libvirt's own Confirm comes some 10 ms after the target is loaded, and ends the source without a trace: image
/// labels stay, nothing is tainted. One that stays away waits for a reply that was lost (30 s), and the guest stands.
/// Far behind the one and far before the other, our fence meets neither in its own milliseconds.
constexpr Milliseconds k_patience{500};
/// The source's own events follow its end within milliseconds; a daemon that is late may take as long as this.
constexpr Milliseconds k_fence_limit{3000};

/// True when libvirt's call has returned well within the limit: its Confirm has ended the source or, where that failed,
/// left it standing, and resumes it no more. False when it has not returned. Its error is ours.
Result<bool> has_decided(Context& context, Milliseconds limit)
{
    const Milliseconds end = context.world.clock.now() + limit;
    while (!context.migration->result()) {
        const Milliseconds left = end - context.world.clock.now();
        if (left.count() <= 0) {
            return false;
        }
        static_cast<void>(context.migration->next(left));
    }
    VMF_TRY(*context.migration->result());
    return true;
}

/// Where we cannot or may not decide, libvirt has to.
Result<> await_decision(Context& context)
{
    VMF_TRY_ASSIGN(const bool decided, has_decided(context, engine::return_limit(context)));
    return decided ? Result<>{} : fail(ErrorKind::unknown, "libvirt's migrate call does not return");
}

/// True when the source stands and is ours to end; false when libvirt has ended it.
Result<bool> may_fence(Context& context)
{
    VMF_TRY_ASSIGN(const bool decided, has_decided(context, k_patience));
    if (decided) {
        return false;
    }
    VMF_TRY(engine::check_interrupt(context));
    // An event proves nothing. The answer also tells that Finish is over: the daemon holds the domain while it lasts.
    VMF_TRY(engine::see_target(context, engine::TargetIs::complete, ErrorKind::unreachable));
    const auto ready = context.effect("ready:source", [&] { return context.migration->ready_to_fence(); });
    if (ready) {
        return true;
    }
    log::debug("the source is not to be fenced: {}", ready.error().text());
    VMF_TRY(await_decision(context));
    return false;
}

/// No call but the fence itself touches the source from here until the target runs: its daemon reaps.
Result<std::string_view> end_source_where_it_stands(Context& context)
{
    const auto fenced = context.effect("fence:source", [&] { return context.migration->fence(k_fence_limit); });
    if (fenced) {
        return "shutdown-event";
    }
    // Sent or not, answered or not: only libvirt's own word for its Confirm proves the same.
    log::debug("the fence is not proved: {}", fenced.error().text());
    VMF_TRY(await_decision(context));
    return "confirm";
}

}  // namespace

Result<> commit_and_fence(Context& context)
{
    VMF_TRY_ASSIGN(const bool fence, may_fence(context));
    if (!fence) {
        return context.record(journal::Kind::commit);
    }
    VMF_TRY(context.record(journal::Kind::commit, {}, engine::commit_before_fence_body()));
    VMF_TRY_ASSIGN(const std::string_view proof, end_source_where_it_stands(context));
    context.defer(journal::Kind::fenced, "domain:source", {{"proof", proof}});
    return {};
}

}  // namespace vmferry::phases
