#include "core/phases/announce.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

constexpr int k_rounds = 5;
/// With addresses that are to answer: as often as it takes, up to ten seconds.
constexpr int k_rounds_until_seen = 20;
constexpr Milliseconds k_answer_limit{500};

Result<> tell(Context& context, int rounds)
{
    return context.effect("announce:target", [&]() -> Result<> {
        VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::target));
        return control->announce(context.plan.vm_uuid, rounds);
    });
}

/// Takes those that answer out of `silent`.
Result<> ask(Context& context, std::vector<std::string>& silent)
{
    std::vector<std::string> macs;
    for (const model::Nic& nic : context.domain.nics) {
        macs.push_back(nic.mac);
    }
    std::vector<std::string> still;
    for (const std::string& address : silent) {
        VMF_TRY_ASSIGN(const bool answers, context.world.prober->answers(address, macs, k_answer_limit));
        if (!answers) {
            still.push_back(address);
        }
    }
    silent = std::move(still);
    return {};
}

/// An address that stays silent is owed: whoever settles the transaction tells and asks again.
Result<> tell_until_seen(Context& context)
{
    const Milliseconds start = context.world.clock.now();
    std::vector<std::string> silent = context.plan.probes;
    for (int round = 1; round <= k_rounds_until_seen; ++round) {
        VMF_TRY(tell(context, 1));
        VMF_TRY(ask(context, silent));
        if (silent.empty()) {
            const Milliseconds after = context.world.clock.now() - start;
            context.outcome.announced = {
                {"answers", context.plan.probes}, {"rounds", round}, {"after_ms", after.count()}};
            context.defer(journal::Kind::note, "announce", context.outcome.announced);
            return {};
        }
    }
    return fail(ErrorKind::failed,
                fmt::format("after {} rounds nobody answers at {}", k_rounds_until_seen, fmt::join(silent, ", ")));
}

Result<> run(Context& context)
{
    if (context.plan.was_paused) {
        return {};
    }
    const bool ask_for_answers = !context.plan.probes.empty() && context.world.prober != nullptr;
    return ask_for_answers ? tell_until_seen(context) : tell(context, k_rounds);
}

}  // namespace

engine::Phase announce_phase()
{
    return {.name = "announce", .steps = {}, .run = run, .mark = journal::Kind::announced, .after_switch = true};
}

}  // namespace vmferry::phases
