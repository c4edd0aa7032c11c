#include "core/libvirt/twin.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <thread>

#include "core/base/uuid.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/handles.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

using world::Capabilities;

/// One name for all, so that one log file is all that a host keeps of it. Who finds the name taken waits.
constexpr const char* k_twin_name = "vmferry-probe";

bool is_host_name(const std::string& host)
{
    return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '.' || letter == '-' || letter == '_' || letter == ':';
    });
}

std::string twin_xml(const std::string& type, const Uuid& uuid, const std::string& host)
{
    // Port 1 (tcpmux) is served by nobody; a refusal proves that the name was resolved.
    return "<domain type='" + type + "'><name>" + k_twin_name + "</name><uuid>" + uuid.str() +
           "</uuid><memory unit='MiB'>16</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>"
           "<disk type='network' device='disk'><driver name='qemu' type='raw'/>"
           "<source protocol='nbd' name='vmferry-probe'><host name='" +
           xml::escaped(host) +
           "' port='1'/></source><target dev='vda' bus='virtio'/><readonly/></disk>"
           "<controller type='usb' model='none'/><memballoon model='none'/></devices></domain>";
}

/// nullopt when the twin started.
std::optional<Failure> start_twin(virConnectPtr connection, const std::string& type, const Uuid& uuid,
                                  const std::string& host)
{
    const Deadline deadline(limits::k_twin);
    for (;;) {
        const DomainHandle twin(virDomainCreateXML(connection, twin_xml(type, uuid, host).c_str(),
                                                   VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY));
        if (twin) {
            static_cast<void>(virDomainDestroy(twin.get()));
            return std::nullopt;
        }
        Failure failure = Failure::last();
        const bool name_taken = failure.has_code(VIR_ERR_OPERATION_FAILED) && failure.says("already");
        if (!name_taken || deadline.over()) {
            return failure;
        }
        std::this_thread::sleep_for(limits::k_twin_pause);
    }
}

std::string from(const std::string& message, const char* words) { return message.substr(message.rfind(words)); }

Result<Capabilities::Reach> try_now(virConnectPtr connection, const Uuid& uuid, const std::string& host)
{
    constexpr const char* k_not_resolved = "address resolution failed";
    constexpr const char* k_not_connected = "Failed to connect";
    auto failure = start_twin(connection, "qemu", uuid, host);
    if (failure && (failure->has_code(VIR_ERR_INVALID_ARG) || failure->has_code(VIR_ERR_CONFIG_UNSUPPORTED))) {
        // A host whose emulator does not emulate.
        failure = start_twin(connection, "kvm", uuid, host);
    }
    if (!failure) {
        return Capabilities::Reach{true, "somebody serves disks there"};
    }
    if (failure->says(k_not_resolved)) {
        return Capabilities::Reach{false, from(failure->message, k_not_resolved)};
    }
    if (failure->says("Connection refused")) {
        return Capabilities::Reach{true, "the name is resolved, and the address answers"};
    }
    if (failure->says(k_not_connected)) {
        return Capabilities::Reach{true, "the name is resolved, but: " + from(failure->message, k_not_connected)};
    }
    return fail(error_of(*failure, "the name " + host + " cannot be tried"));
}

void end_twin(virConnectPtr connection, const Uuid& uuid)
{
    if (const auto twin = look_up(connection, uuid)) {
        static_cast<void>(virDomainDestroy(twin->get()));
    }
}

}  // namespace

Result<Capabilities::Reach> resolve_by_twin(Connection& connection, const std::string& host)
{
    if (!is_host_name(host)) {
        return fail(ErrorKind::usage, "\"" + host + "\" is not the name of a host");
    }
    const Uuid uuid = Uuid::make_v7();
    auto reach = connection.act(limits::k_twin, "trying the name " + host,
                                [uuid, host](virConnectPtr raw) { return try_now(raw, uuid, host); });
    if (reach || reach.error().kind() != ErrorKind::unknown || !connection.alive()) {
        return reach.map_error(as_question);
    }
    // The emulator tries to connect and nobody answers: so the name was resolved.
    static_cast<void>(connection.act(limits::k_act, "ending the twin", [uuid](virConnectPtr raw) -> Result<> {
        end_twin(raw, uuid);
        return {};
    }));
    return Capabilities::Reach{true, "the name is resolved, but nothing answered within the limit: a firewall?"};
}

}  // namespace vmferry::libvirt
