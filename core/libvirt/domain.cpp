#include "core/libvirt/domain.hpp"

#include <libvirt/virterror.h>

#include "core/libvirt/failure.hpp"
#include "core/libvirt/marker_xml.hpp"

namespace vmferry::libvirt {

namespace {

using model::RunState;
using model::StateReason;

StateReason running_reason(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_RUNNING_UNKNOWN: return StateReason::unknown;
    case VIR_DOMAIN_RUNNING_MIGRATED: return StateReason::migrated;
    case VIR_DOMAIN_RUNNING_CRASHED: return StateReason::crashed;
    case VIR_DOMAIN_RUNNING_POSTCOPY: return StateReason::postcopy;
    case VIR_DOMAIN_RUNNING_POSTCOPY_FAILED: return StateReason::postcopy_failed;
    default: return StateReason::other;
    }
}

StateReason paused_reason(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_PAUSED_UNKNOWN: return StateReason::unknown;
    case VIR_DOMAIN_PAUSED_USER: return StateReason::user;
    case VIR_DOMAIN_PAUSED_MIGRATION: return StateReason::migration;
    case VIR_DOMAIN_PAUSED_IOERROR: return StateReason::io_error;
    case VIR_DOMAIN_PAUSED_CRASHED: return StateReason::crashed;
    case VIR_DOMAIN_PAUSED_STARTING_UP: return StateReason::starting_up;
    case VIR_DOMAIN_PAUSED_POSTCOPY: return StateReason::postcopy;
    case VIR_DOMAIN_PAUSED_POSTCOPY_FAILED: return StateReason::postcopy_failed;
    default: return StateReason::other;
    }
}

StateReason shut_off_reason(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_SHUTOFF_UNKNOWN: return StateReason::unknown;
    case VIR_DOMAIN_SHUTOFF_SHUTDOWN: return StateReason::shutdown;
    case VIR_DOMAIN_SHUTOFF_DESTROYED: return StateReason::destroyed;
    case VIR_DOMAIN_SHUTOFF_CRASHED: return StateReason::crashed;
    case VIR_DOMAIN_SHUTOFF_MIGRATED: return StateReason::migrated;
    case VIR_DOMAIN_SHUTOFF_FAILED: return StateReason::failed;
    default: return StateReason::other;
    }
}

Result<bool> yes_or_no(int answer, const char* what)
{
    if (answer < 0) {
        return failed_call(what);
    }
    return answer == 1;
}

}  // namespace

Result<DomainHandle> look_up(virConnectPtr connection, const Uuid& uuid)
{
    DomainHandle domain(virDomainLookupByUUIDString(connection, uuid.str().c_str()));
    if (!domain) {
        return failed_call("the domain " + uuid.str() + " cannot be looked up");
    }
    return domain;
}

Result<std::string> definition_of(virDomainPtr domain, unsigned flags)
{
    char* text = virDomainGetXMLDesc(domain, flags);
    if (text == nullptr) {
        return failed_call("the domain's definition cannot be read");
    }
    return take_string(text);
}

Result<bool> is_active(virDomainPtr domain)
{
    return yes_or_no(virDomainIsActive(domain), "it cannot be told whether the domain runs");
}

Result<bool> is_persistent(virDomainPtr domain)
{
    return yes_or_no(virDomainIsPersistent(domain), "it cannot be told whether the domain is persistent");
}

Result<unsigned> existing_definitions(virDomainPtr domain)
{
    VMF_TRY_ASSIGN(const bool active, is_active(domain));
    VMF_TRY_ASSIGN(const bool persistent, is_persistent(domain));
    unsigned there = 0;
    there |= active ? unsigned{VIR_DOMAIN_AFFECT_LIVE} : 0U;
    there |= persistent ? unsigned{VIR_DOMAIN_AFFECT_CONFIG} : 0U;
    return there;
}

State translate_state(int state, int reason)
{
    switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED: return {RunState::running, running_reason(reason)};
    case VIR_DOMAIN_PAUSED: return {RunState::paused, paused_reason(reason)};
    case VIR_DOMAIN_SHUTDOWN: return {RunState::shutting_down, StateReason::other};
    case VIR_DOMAIN_SHUTOFF: return {RunState::shut_off, shut_off_reason(reason)};
    case VIR_DOMAIN_CRASHED: return {RunState::crashed, StateReason::other};
    case VIR_DOMAIN_PMSUSPENDED: return {RunState::pm_suspended, StateReason::other};
    default: return {RunState::unknown, StateReason::other};
    }
}

Result<State> state_of(virDomainPtr domain)
{
    int state = 0;
    int reason = 0;
    if (virDomainGetState(domain, &state, &reason, 0) < 0) {
        return failed_call("the domain's state cannot be read");
    }
    return translate_state(state, reason);
}

Result<std::optional<model::Marker>> marker_of(virDomainPtr domain, unsigned which)
{
    const std::string name_space(model::k_marker_namespace);
    char* text = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, name_space.c_str(), which);
    if (text == nullptr) {
        const Failure failure = Failure::last();
        if (failure.has_code(VIR_ERR_NO_DOMAIN_METADATA)) {
            return std::optional<model::Marker>();
        }
        return fail(error_of(failure, "the domain's marker cannot be read"));
    }
    auto marker = parse_marker(take_string(text));
    return marker ? std::optional(std::move(*marker)) : std::nullopt;
}

Result<bool> has_job(virDomainPtr domain)
{
    virDomainJobInfo info{};
    if (virDomainGetJobInfo(domain, &info) == 0) {
        return info.type != VIR_DOMAIN_JOB_NONE;
    }
    const Failure failure = Failure::last();
    // An incoming domain has no statistics: libvirt says so, and thereby that the job is there.
    if (failure.has_code(VIR_ERR_OPERATION_UNSUPPORTED) || failure.has_code(VIR_ERR_OPERATION_TIMEOUT)) {
        return true;
    }
    if (failure.has_code(VIR_ERR_OPERATION_INVALID) || failure.has_code(VIR_ERR_NO_SUPPORT) || failure.not_found()) {
        return false;
    }
    return fail(error_of(failure, "the domain's job cannot be read"));
}

namespace {

/// A backup, a dump or the like. A job in its first moments has no statistics yet: then it is ours.
bool is_others_job(virDomainPtr domain)
{
    TypedParameters stats;
    int type = VIR_DOMAIN_JOB_NONE;
    int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;
    if (virDomainGetJobStats(domain, &type, stats.out(), stats.out_count(), 0) < 0 || type == VIR_DOMAIN_JOB_NONE) {
        return false;
    }
    virTypedParamsGetInt(stats.data(), static_cast<int>(stats.count()), VIR_DOMAIN_JOB_OPERATION, &operation);
    return operation != VIR_DOMAIN_JOB_OPERATION_UNKNOWN && operation != VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT;
}

}  // namespace

Result<> end_migration_job(virDomainPtr domain)
{
    if (is_others_job(domain)) {
        return fail(ErrorKind::busy, "another job works on the domain");
    }
    if (virDomainAbortJob(domain) == 0) {
        return {};
    }
    const Failure failure = Failure::last();
    if (failure.has_code(VIR_ERR_OPERATION_INVALID)) {
        const auto job = has_job(domain);
        if (job && !*job) {
            return {};
        }
    }
    return fail(error_of(failure, "the job could not be ended"));
}

}  // namespace vmferry::libvirt
