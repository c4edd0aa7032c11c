#include "core/libvirt/controller.hpp"

#include <libvirt/virterror.h>

#include <functional>
#include <thread>

#include "core/libvirt/activation.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/image_owner.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/marker_xml.hpp"
#include "core/libvirt/monitor.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

/// Settings cannot be written while a migration or the like works on the domain. libvirt would wait for
/// its end, and as long as a request of ours waits the daemon does not see that we have gone: it would
/// keep the job of a dead client.
Result<> refuse_during_job(virDomainPtr domain)
{
    VMF_TRY_ASSIGN(const bool busy, has_job(domain));
    if (busy) {
        return fail(ErrorKind::busy, "another job works on the domain");
    }
    return {};
}

/// An act on a domain, with the domain looked up.
using DomainAct = std::function<Result<>(virDomainPtr)>;

Result<> act_on(Connection& connection, Milliseconds limit, const std::string& doing, const Uuid& uuid, DomainAct work)
{
    return connection.act(limit, doing + " " + uuid.str(), [uuid, work](virConnectPtr raw) -> Result<> {
        VMF_TRY_ASSIGN(const DomainHandle domain, look_up(raw, uuid));
        return work(domain.get());
    });
}

/// The same, where a domain that is not there means that there is nothing to do.
Result<> act_if_there(Connection& connection, Milliseconds limit, const std::string& doing, const Uuid& uuid,
                      DomainAct work)
{
    auto done = act_on(connection, limit, doing, uuid, std::move(work));
    if (!done && done.error().kind() == ErrorKind::not_found) {
        return {};
    }
    return done;
}

/// libvirt refuses what is so already: a refusal counts only when the state is not the wanted one.
Result<> unless_already(virDomainPtr domain, model::RunState wanted, Error refusal)
{
    if (refusal.kind() == ErrorKind::failed) {
        const auto state = state_of(domain);
        if (state && state->run == wanted) {
            return {};
        }
    }
    return fail(std::move(refusal));
}

Result<> wait_until_gone(virDomainPtr domain)
{
    const Deadline deadline(limits::k_teardown);
    while (!deadline.over()) {
        const auto active = is_active(domain);
        if (!active && active.error().kind() == ErrorKind::not_found) {
            return {};
        }
        if (!active) {
            return fail(active.error());
        }
        if (!*active) {
            return {};
        }
        std::this_thread::sleep_for(limits::k_poll);
    }
    return fail(ErrorKind::unknown, "the domain was told to end and is still there");
}

Result<> destroy_now(virDomainPtr domain)
{
    if (virDomainDestroyFlags(domain, VIR_DOMAIN_DESTROY_DEFAULT) == 0) {
        return wait_until_gone(domain);
    }
    const Failure failure = Failure::last();
    const auto active = is_active(domain);
    const bool gone = active ? !*active : active.error().kind() == ErrorKind::not_found;
    if (gone) {
        return {};
    }
    Error error = error_of(failure, "the domain could not be ended");
    // "Failed to terminate process": it has the signal and may still end.
    if (error.kind() == ErrorKind::failed && !failure.has_code(VIR_ERR_OPERATION_INVALID)) {
        return fail(Error(ErrorKind::unknown, error.what()).with_cause(error.cause()));
    }
    return fail(std::move(error));
}

/// Flags only for what the domain has: an older daemon does not know all of them.
Result<unsigned> undefine_flags(virDomainPtr domain, const world::UndefineOptions& options)
{
    VMF_TRY_ASSIGN(const std::string definition, definition_of(domain, VIR_DOMAIN_XML_INACTIVE));
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    unsigned flags = 0;
    if (!document.find("/domain/os[@firmware='efi' or loader or nvram]").empty()) {
        flags |= options.keep_nvram ? VIR_DOMAIN_UNDEFINE_KEEP_NVRAM : VIR_DOMAIN_UNDEFINE_NVRAM;
    }
    if (!document.find("/domain/devices/tpm").empty()) {
        flags |= options.keep_tpm ? VIR_DOMAIN_UNDEFINE_KEEP_TPM : VIR_DOMAIN_UNDEFINE_TPM;
    }
    return flags | (options.snapshot_records ? unsigned{VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA} : 0U);
}

Result<> undefine_now(virDomainPtr domain, const world::UndefineOptions& options)
{
    VMF_TRY_ASSIGN(const bool persistent, is_persistent(domain));
    if (!persistent) {
        return {};
    }
    VMF_TRY_ASSIGN(const bool active, is_active(domain));
    if (active) {
        // libvirt would make it transient: it would vanish for good when it ends.
        return fail(ErrorKind::failed, "the domain is not off, so its definition stays");
    }
    VMF_TRY_ASSIGN(const unsigned flags, undefine_flags(domain, options));
    if (virDomainUndefineFlags(domain, flags) < 0) {
        return failed_call("the definition could not be removed");
    }
    return {};
}

Result<> write_marker(virDomainPtr domain, const char* element, unsigned where)
{
    VMF_TRY(refuse_during_job(domain));
    const std::string prefix(model::k_marker_prefix);
    const std::string name_space(model::k_marker_namespace);
    if (virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, element,
                             element == nullptr ? nullptr : prefix.c_str(), name_space.c_str(), where) < 0) {
        return failed_call("the marker could not be written");
    }
    return {};
}

bool has_marker(virDomainPtr domain, unsigned where)
{
    const std::string name_space(model::k_marker_namespace);
    char* text = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, name_space.c_str(), where);
    return !take_string(text).empty() || !Failure::last().has_code(VIR_ERR_NO_DOMAIN_METADATA);
}

}  // namespace

LibvirtController::LibvirtController(std::shared_ptr<Connection> connection) : m_connection(std::move(connection)) {}

Result<> LibvirtController::resume(const Uuid& uuid)
{
    return act_on(*m_connection, limits::k_act, "resuming", uuid, [](virDomainPtr domain) -> Result<> {
        if (virDomainResume(domain) == 0) {
            return {};
        }
        return unless_already(domain, model::RunState::running,
                              error_of(Failure::last(), "the domain could not be resumed"));
    });
}

Result<> LibvirtController::suspend(const Uuid& uuid)
{
    return act_on(*m_connection, limits::k_act, "suspending", uuid, [](virDomainPtr domain) -> Result<> {
        if (virDomainSuspend(domain) == 0) {
            return {};
        }
        return unless_already(domain, model::RunState::paused,
                              error_of(Failure::last(), "the domain could not be suspended"));
    });
}

Result<> LibvirtController::destroy(const Uuid& uuid)
{
    return act_if_there(*m_connection, limits::k_teardown + limits::k_act, "ending", uuid, destroy_now);
}

Result<> LibvirtController::undefine(const Uuid& uuid, world::UndefineOptions options)
{
    return act_if_there(*m_connection, limits::k_act, "undefining", uuid,
                        [options](virDomainPtr domain) { return undefine_now(domain, options); });
}

Result<> LibvirtController::set_autostart(const Uuid& uuid, bool on)
{
    return act_on(*m_connection, limits::k_act, "setting autostart of", uuid, [on](virDomainPtr domain) -> Result<> {
        VMF_TRY(refuse_during_job(domain));
        if (virDomainSetAutostart(domain, on ? 1 : 0) < 0) {
            return failed_call("autostart could not be set");
        }
        return {};
    });
}

Result<> LibvirtController::set_marker(const Uuid& uuid, const model::Marker& marker)
{
    return act_on(*m_connection, limits::k_act, "marking", uuid, [marker](virDomainPtr domain) -> Result<> {
        VMF_TRY_ASSIGN(const unsigned where, existing_definitions(domain));
        return write_marker(domain, marker_xml(marker).c_str(), where);
    });
}

Result<> LibvirtController::clear_marker(const Uuid& uuid)
{
    return act_if_there(*m_connection, limits::k_act, "unmarking", uuid, [](virDomainPtr domain) -> Result<> {
        VMF_TRY_ASSIGN(const unsigned there, existing_definitions(domain));
        for (const unsigned where : {unsigned{VIR_DOMAIN_AFFECT_LIVE}, unsigned{VIR_DOMAIN_AFFECT_CONFIG}}) {
            if ((there & where) != 0 && has_marker(domain, where)) {
                VMF_TRY(write_marker(domain, nullptr, where));
            }
        }
        return {};
    });
}

Result<> LibvirtController::set_max_downtime(const Uuid& uuid, Milliseconds downtime)
{
    const auto wanted = static_cast<unsigned long long>(downtime.count());
    return act_on(*m_connection, limits::k_act, "setting the downtime limit of", uuid,
                  [wanted](virDomainPtr domain) -> Result<> {
                      if (virDomainMigrateSetMaxDowntime(domain, wanted, 0) < 0) {
                          return failed_call("the downtime limit could not be set");
                      }
                      return {};
                  });
}

Result<> LibvirtController::set_max_bandwidth(const Uuid& uuid, uint64_t limit_mib_s)
{
    const auto wanted = static_cast<unsigned long>(limit_mib_s);
    return act_on(*m_connection, limits::k_act, "setting the speed limit of", uuid,
                  [wanted](virDomainPtr domain) -> Result<> {
                      if (virDomainMigrateSetMaxSpeed(domain, wanted, 0) < 0) {
                          return failed_call("the speed limit could not be set");
                      }
                      return {};
                  });
}

Result<> LibvirtController::abort_job(const Uuid& uuid)
{
    return act_if_there(*m_connection, limits::k_act, "ending the job of", uuid, end_migration_job);
}

Result<> LibvirtController::announce(const Uuid& uuid, int rounds)
{
    const Json timing{{"initial", 50}, {"max", 550}, {"rounds", rounds}, {"step", 100}};
    return act_on(*m_connection, limits::k_act, "announcing", uuid, [timing](virDomainPtr domain) -> Result<> {
        VMF_TRY(monitor_command(domain, "announce-self", timing));
        return {};
    });
}

Result<> LibvirtController::activate_images(const Uuid& uuid)
{
    return act_on(*m_connection, limits::k_act, "opening the images of", uuid, activate_images_now);
}

Result<> LibvirtController::give_image(const Uuid& uuid, const std::string& path)
{
    return m_connection->act(limits::k_storage, "giving " + path + " to the emulator of " + uuid.str(),
                             [uuid, path](virConnectPtr raw) { return give_image_now(raw, uuid, path); });
}

}  // namespace vmferry::libvirt
