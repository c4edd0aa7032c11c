#include "core/libvirt/migrate_call.hpp"

#include "core/libvirt/domain.hpp"
#include "core/libvirt/image_xml.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/marker_xml.hpp"
#include "core/model/schedule.hpp"

namespace vmferry::libvirt {

namespace {

/// With secrets: without them VNC would lose its password.
Result<std::string> for_target(virDomainPtr domain, unsigned form, const world::MigrationRequest& request)
{
    return definition_for_target(domain, form | VIR_DOMAIN_XML_SECURE, request.target_marker, request.copies);
}

Result<std::shared_ptr<MigrateCall>> build_now(virConnectPtr connection, const world::MigrationRequest& request)
{
    const auto call = std::make_shared<MigrateCall>();
    VMF_TRY_ASSIGN(call->domain, look_up(connection, request.vm));
    VMF_TRY_ASSIGN(const std::string live, for_target(call->domain.get(), VIR_DOMAIN_XML_MIGRATABLE, request));
    bool complete = call->parameters.add(VIR_MIGRATE_PARAM_DEST_XML, live);
    if (request.persist) {
        VMF_TRY_ASSIGN(const std::string inactive, for_target(call->domain.get(), VIR_DOMAIN_XML_INACTIVE, request));
        complete = complete && call->parameters.add(VIR_MIGRATE_PARAM_PERSIST_XML, inactive);
    }
    if (!request.migrate_uri.empty()) {
        complete = complete && call->parameters.add(VIR_MIGRATE_PARAM_URI, request.migrate_uri);
    }
    if (request.tls && !request.tls_name.empty()) {
        complete = complete && call->parameters.add(VIR_MIGRATE_PARAM_TLS_DESTINATION, request.tls_name);
    }
    complete = complete && add_tuning(call->parameters, request);
    if (!complete) {
        return failed_call("the parameters of the migrate call cannot be built");
    }
    call->flags = migrate_flags(request);
    return call;
}

}  // namespace

Result<std::string> definition_for_target(virDomainPtr domain, unsigned form, const model::Marker& marker,
                                          const std::vector<model::DiskMove>& copies)
{
    VMF_TRY_ASSIGN(std::string definition, definition_of(domain, form));
    for (const model::DiskMove& disk : copies) {
        VMF_TRY_ASSIGN(auto changed, with_image(definition, disk.target, disk.to, disk.to_format));
        if (changed) {
            definition = std::move(*changed);
        }
    }
    return with_marker(definition, marker);
}

unsigned migrate_flags(const world::MigrationRequest& request)
{
    unsigned flags = VIR_MIGRATE_CHANGE_PROTECTION | VIR_MIGRATE_ABORT_ON_ERROR;
    // libvirt refuses PAUSED together with POSTCOPY; in its stead our relay keeps the target paused.
    const bool paused = request.start_paused && request.postcopy == world::PostCopyCall::none;
    flags |= paused ? unsigned{VIR_MIGRATE_PAUSED} : 0U;
    flags |= request.live ? unsigned{VIR_MIGRATE_LIVE} : 0U;
    flags |= request.persist ? unsigned{VIR_MIGRATE_PERSIST_DEST} : 0U;
    flags |= request.allow_unsafe ? unsigned{VIR_MIGRATE_UNSAFE} : 0U;
    flags |= request.auto_converge ? unsigned{VIR_MIGRATE_AUTO_CONVERGE} : 0U;
    flags |= request.connections > 0 ? unsigned{VIR_MIGRATE_PARALLEL} : 0U;
    flags |= request.tls ? unsigned{VIR_MIGRATE_TLS} : 0U;
    flags |= request.postcopy != world::PostCopyCall::none ? unsigned{VIR_MIGRATE_POSTCOPY} : 0U;
    flags |= request.postcopy == world::PostCopyCall::resume ? unsigned{VIR_MIGRATE_POSTCOPY_RESUME} : 0U;
    if (!request.copies.empty()) {
        flags |= VIR_MIGRATE_NON_SHARED_DISK;
        flags |= request.synchronous_copies ? unsigned{VIR_MIGRATE_NON_SHARED_SYNCHRONOUS_WRITES} : 0U;
    }
    return flags;
}

bool add_tuning(TypedParameters& parameters, const world::MigrationRequest& request)
{
    bool complete = true;
    if (request.connections > 0) {
        complete = parameters.add(VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS, static_cast<int>(request.connections));
    }
    if (request.bandwidth_bytes_per_s > 0) {
        const uint64_t mib_per_s = request.bandwidth_bytes_per_s / model::k_least_bandwidth;
        complete = complete && parameters.add(VIR_MIGRATE_PARAM_BANDWIDTH, mib_per_s);
        if (request.postcopy != world::PostCopyCall::none) {
            complete = complete && parameters.add(VIR_MIGRATE_PARAM_BANDWIDTH_POSTCOPY, mib_per_s);
        }
    }
    // Without a list libvirt copies every disk, a shared one onto itself.
    for (const model::DiskMove& disk : request.copies) {
        complete = complete && parameters.add(VIR_MIGRATE_PARAM_MIGRATE_DISKS, disk.target);
    }
    return complete;
}

Result<std::shared_ptr<MigrateCall>> build_call(Connection& source, const world::MigrationRequest& request)
{
    return source.ask(limits::k_question, "preparing the move of " + request.vm.str(),
                      [request](virConnectPtr connection) { return build_now(connection, request); });
}

Result<> run_call(const MigrateCall& call, virConnectPtr driver)
{
    const DomainHandle arrived(
        virDomainMigrate3(call.domain.get(), driver, call.parameters.data(), call.parameters.count(), call.flags));
    if (!arrived) {
        return failed_call("libvirt's migrate call failed");
    }
    return {};
}

Result<> run_call(const MigrateCall& call, const std::string& target_uri)
{
    if (virDomainMigrateToURI3(call.domain.get(), target_uri.c_str(), call.parameters.data(), call.parameters.count(),
                               call.flags | VIR_MIGRATE_PEER2PEER) < 0) {
        return failed_call("the migrate call of the source's daemon failed");
    }
    return {};
}

}  // namespace vmferry::libvirt
