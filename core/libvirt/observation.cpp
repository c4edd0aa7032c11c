#include "core/libvirt/observation.hpp"

#include <algorithm>

#include "core/libvirt/domain.hpp"
#include "core/libvirt/limits.hpp"

namespace vmferry::libvirt {

namespace {

enum class Look { state, whole };  ///< `state`: of an active domain not the markers.

/// The daemon's memory of the last job: asked so that it stays there. It waits for nothing.
bool has_completed_job(virDomainPtr domain)
{
    constexpr unsigned k_flags = VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED;
    TypedParameters stats;
    int type = VIR_DOMAIN_JOB_NONE;
    return virDomainGetJobStats(domain, &type, stats.out(), stats.out_count(), k_flags) == 0 &&
           type == VIR_DOMAIN_JOB_COMPLETED;
}

/// All that the daemon knows by itself: it does not wait for the emulator, nor for a job.
Result<model::Observation> look_now(virConnectPtr connection, const Uuid& uuid, Look kind)
{
    model::Observation seen;
    seen.reachable = true;
    auto found = look_up(connection, uuid);
    if (!found && found.error().kind() == ErrorKind::not_found) {
        return seen;
    }
    VMF_TRY_ASSIGN(const DomainHandle domain, std::move(found));
    VMF_TRY_ASSIGN(const State state, state_of(domain.get()));
    VMF_TRY_ASSIGN(seen.persistent, is_persistent(domain.get()));
    seen.exists = true;
    seen.state = state.run;
    seen.reason = state.reason;
    const unsigned id = virDomainGetID(domain.get());
    seen.id = id == ~0U ? -1 : static_cast<int>(id);
    if (seen.id >= 0 && kind == Look::state) {
        return seen;
    }
    if (seen.id >= 0) {
        virDomainInfo info{};
        if (virDomainGetInfo(domain.get(), &info) == 0) {
            seen.cpu_time_ns = info.cpuTime;
        }
        VMF_TRY_ASSIGN(seen.live_marker, marker_of(domain.get(), VIR_DOMAIN_AFFECT_LIVE));
    }
    if (seen.id < 0) {
        seen.stream_completed = has_completed_job(domain.get());
    }
    if (seen.persistent) {
        VMF_TRY_ASSIGN(seen.inactive_marker, marker_of(domain.get(), VIR_DOMAIN_AFFECT_CONFIG));
    }
    return seen;
}

/// A domain that stops or vanishes between two calls is looked at once more.
Result<model::Observation> look(Connection& connection, const Uuid& uuid, Look kind, Milliseconds limit)
{
    return connection.ask(limit, "observing " + uuid.str(), [uuid, kind](virConnectPtr raw) {
        auto seen = look_now(raw, uuid, kind);
        for (int again = 0; !seen && again < 3; ++again) {
            const ErrorKind problem = seen.error().kind();
            if (problem != ErrorKind::not_found && problem != ErrorKind::failed) {
                break;
            }
            seen = look_now(raw, uuid, kind);
        }
        return seen;
    });
}

/// No answer in time means that the emulator or a job holds the domain: somebody works on it.
bool job_active(Connection& connection, const Uuid& uuid, Milliseconds limit)
{
    const Deadline deadline(std::min(limit, limits::k_job_question));
    // Another thread may just be asking the same; only a question that stays without answer tells.
    const auto claim = connection.claim("job " + uuid.str(), deadline.left());
    if (!claim) {
        return true;
    }
    const auto job = connection.ask(deadline.left(), "asking for the job of " + uuid.str(),
                                    [uuid, claim](virConnectPtr raw) -> Result<bool> {
                                        const auto domain = look_up(raw, uuid);
                                        if (domain) {
                                            return has_job(domain->get());
                                        }
                                        if (domain.error().kind() == ErrorKind::not_found) {
                                            return false;
                                        }
                                        return fail(domain.error());
                                    });
    return job.value_or(true);
}

/// Whether the answer about the job, given between the two looks, belongs to what they saw.
bool same_state(const model::Observation& one, const model::Observation& other)
{
    return one.exists == other.exists && one.persistent == other.persistent && one.state == other.state &&
           one.reason == other.reason && one.id == other.id;
}

model::Observation unreachable(const std::string& problem)
{
    model::Observation seen;
    seen.problem = problem;
    return seen;
}

}  // namespace

model::Observation observe_domain(Connection& connection, const Uuid& uuid, Milliseconds limit)
{
    constexpr int k_rounds = 3;
    const Deadline deadline(limit);
    auto seen = look(connection, uuid, Look::state, limit);
    for (int round = 0; seen && seen->id >= 0 && round < k_rounds; ++round) {
        const bool job = job_active(connection, uuid, deadline.left());
        auto again = look(connection, uuid, Look::whole, std::max(deadline.left(), limits::k_poll));
        const bool steady = again && same_state(*again, *seen);
        seen = std::move(again);
        if (seen) {
            seen->job_active = job && seen->id >= 0;
        }
        if (steady) {
            break;
        }
    }
    return seen ? *seen : unreachable(seen.error().text());
}

}  // namespace vmferry::libvirt
