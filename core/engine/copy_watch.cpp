#include "core/engine/copy_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/base/path.hpp"
#include "core/base/units.hpp"
#include "core/engine/phase.hpp"
#include "core/engine/storage_recovery.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

constexpr Milliseconds k_pause{100};
constexpr Milliseconds k_pause_when_near{20};
/// What is left is written while the guest stands: so little of each disk that it takes a moment,
constexpr uint64_t k_near_bytes = uint64_t{8} << 20;
/// and so little of all disks together that it takes no time worth mentioning.
constexpr uint64_t k_close_bytes = uint64_t{1} << 20;
/// So long a busy guest is given to come that close. Then near has to do.
constexpr Milliseconds k_close_patience{3000};
/// The rest does not shrink for so long: the guest writes faster than the copy follows.
constexpr Milliseconds k_outrun{20000};
constexpr uint64_t k_full_bytes = uint64_t{4} << 20;

}  // namespace

Result<> CopyWatch::until_ready()
{
    const Milliseconds end = m_context.world.clock.now() + m_context.plan.limits.transaction;
    while (true) {
        VMF_TRY_ASSIGN(const bool ready, look());
        if (ready) {
            return {};
        }
        if (m_stops == Stops::on_request) {
            VMF_TRY(check_interrupt(m_context));
        }
        if (m_context.world.clock.now() >= end) {
            return fail(Error(ErrorKind::failed, fmt::format("the disks were not copied within {}",
                                                             format_duration(m_context.plan.limits.transaction)))
                            .with_id("VMF-E206")
                            .with_next("give it more time: --timeout"));
        }
        m_context.world.clock.sleep(m_near_since ? k_pause_when_near : k_pause);
    }
}

Result<bool> CopyWatch::look()
{
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(m_context));
    VMF_TRY_ASSIGN(const auto states, disks->states(m_context.plan.vm_uuid));
    std::vector<world::CopyProgress> all;
    for (const ImageChange& change : m_changes) {
        VMF_TRY(look_at(*disks, change, state_of(states, change.target)));
        all.push_back(m_seen[change.target].progress);
    }
    m_context.reporter.copying(all);
    m_context.outcome.disk_bytes_copied =
        std::accumulate(all.begin(), all.end(), uint64_t{0},
                        [](uint64_t sum, const world::CopyProgress& one) { return sum + one.done_bytes; });
    return are_close(all);
}

bool CopyWatch::are_close(const std::vector<world::CopyProgress>& all)
{
    uint64_t left = 0;
    bool near = true;
    for (const world::CopyProgress& one : all) {
        // A guest whose writes wait for the copy leaves nothing behind.
        const uint64_t rest = m_seen[one.target].synchronous ? 0 : one.remaining_bytes();
        near = near && one.ready && rest <= k_near_bytes;
        left += rest;
    }
    if (!near) {
        m_near_since.reset();
        return false;
    }
    const Milliseconds now = m_context.world.clock.now();
    m_near_since = m_near_since.value_or(now);
    return left <= k_close_bytes || now - *m_near_since >= k_close_patience;
}

Result<> CopyWatch::look_at(world::Disks& disks, const ImageChange& change, const world::DiskState* state)
{
    if (state == nullptr || state->copy != change.to) {
        return fail(why_it_ended(disks, change));
    }
    auto progress = disks.copy_progress(m_context.plan.vm_uuid, change.target);
    if (!progress && progress.error().kind() == ErrorKind::not_found) {
        return fail(why_it_ended(disks, change));
    }
    VMF_TRY_ASSIGN(world::CopyProgress now, std::move(progress));
    const Milliseconds at = m_context.world.clock.now();
    const bool first = !m_seen.contains(change.target);
    Seen& seen = m_seen[change.target];
    const int64_t elapsed = (at - seen.at).count();
    if (!first && elapsed > 0 && now.done_bytes >= seen.progress.done_bytes) {
        now.rate_bytes_per_s = (now.done_bytes - seen.progress.done_bytes) * 1000 / static_cast<uint64_t>(elapsed);
    }
    now.ready = state->copy_ready;
    if (first || now.remaining_bytes() < seen.least_remaining || now.remaining_bytes() <= k_near_bytes) {
        seen.least_remaining = now.remaining_bytes();
        seen.least_at = at;
    }
    seen.progress = now;
    seen.at = at;
    if (first) {
        seen.synchronous = m_context.plan.storage.synchronous;
    }
    return hurry(disks, change, seen);
}

/// A limit on the rate may not hold up the guest when it stands; nor may a guest that writes faster than that.
Result<> CopyWatch::hurry(world::Disks& disks, const ImageChange& change, Seen& seen)
{
    const Uuid& vm = m_context.plan.vm_uuid;
    if (seen.progress.ready && !seen.unlimited && m_context.plan.storage.bandwidth_bytes_per_s > 0) {
        VMF_TRY(disks.unlimit_copy(vm, change.target));
        seen.unlimited = true;
    }
    if (seen.synchronous || seen.at - seen.least_at < k_outrun) {
        return {};
    }
    m_context.warn(fmt::format("{} writes to {} faster than it can be copied: its writes wait for the copy now",
                               m_context.plan.vm_name, change.target));
    m_context.defer(journal::Kind::note, "sync-writes:" + change.target);
    VMF_TRY(disks.end_copy(vm, change.target));
    m_seen.erase(change.target);
    VMF_TRY(start_copies(m_context, m_prefix, {change}, true));
    Seen& anew = m_seen[change.target];
    anew.progress.target = change.target;
    anew.at = anew.least_at = m_context.world.clock.now();
    anew.least_remaining = std::numeric_limits<uint64_t>::max();
    anew.synchronous = true;
    return {};
}

Error CopyWatch::why_it_ended(world::Disks& disks, const ImageChange& change)
{
    const model::Plan& plan = m_context.plan;
    const model::Observation vm = m_context.hosts.observe(Side::source, plan.vm_uuid, plan.limits.call);
    if (vm.reachable && !vm.active()) {
        return Error(ErrorKind::failed, fmt::format("{} was stopped while its disks were copied", plan.vm_name))
            .with_id("VMF-E207");
    }
    const std::string directory = directory_of(change.to);
    const auto place = disks.place(directory);
    const bool full = place && place->available_bytes < k_full_bytes;
    return Error(ErrorKind::failed, fmt::format("the copy of disk {} to {} ended by itself{}", change.target, change.to,
                                                full ? ": there is no space left" : ""))
        .with_id(full ? "VMF-E208" : "VMF-E209")
        .with_next(full ? fmt::format("make room in {}", directory)
                        : fmt::format("look into the log of QEMU on {}", plan.source));
}

}  // namespace vmferry::engine
