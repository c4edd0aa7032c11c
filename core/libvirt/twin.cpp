#include "core/libvirt/twin.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <cctype>

#include "core/libvirt/handles.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

using world::Capabilities;

/// One name for all: a twin that somebody else has just started is waited for.
constexpr const char* k_twin_name = "vmferry-probe";

bool is_host_name(const std::string& host)
{
    return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '.' || letter == '-' || letter == '_' || letter == ':';
    });
}

std::string twin_xml(const std::string& host)
{
    // Port 1 (tcpmux) is served by nobody; a refusal proves that the name was resolved.
    return std::string("<domain type='qemu'><name>") + k_twin_name +
           "</name><memory unit='MiB'>16</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>"
           "<disk type='network' device='disk'><driver name='qemu' type='raw'/>"
           "<source protocol='nbd' name='vmferry-probe'><host name='" +
           xml::escaped(host) +
           "' port='1'/></source><target dev='vda' bus='virtio'/><readonly/></disk>"
           "<controller type='usb' model='none'/><memballoon model='none'/></devices></domain>";
}

void end_twin(virConnectPtr connection)
{
    const DomainHandle twin(virDomainLookupByName(connection, k_twin_name));
    if (twin) {
        static_cast<void>(virDomainDestroy(twin.get()));
    }
}

Result<Capabilities::Reach> try_now(virConnectPtr connection, const std::string& host)
{
    const DomainHandle twin(virDomainCreateXML(connection, twin_xml(host).c_str(),
                                               VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY));
    if (twin) {
        static_cast<void>(virDomainDestroy(twin.get()));
        return Capabilities::Reach{true, "somebody serves disks there"};
    }
    const Failure failure = Failure::last();
    if (failure.says("address resolution failed")) {
        return Capabilities::Reach{false, failure.message.substr(failure.message.rfind("address resolution failed"))};
    }
    if (failure.says("Failed to connect")) {
        const size_t words = failure.message.rfind("Failed to connect");
        return Capabilities::Reach{true, failure.says("Connection refused")
                                             ? "the name is resolved, and the address answers"
                                             : "the name is resolved, but: " + failure.message.substr(words)};
    }
    return fail(error_of(failure, "the name " + host + " cannot be tried"));
}

}  // namespace

Result<Capabilities::Reach> resolve_by_twin(Connection& connection, const std::string& host)
{
    if (!is_host_name(host)) {
        return fail(ErrorKind::usage, "\"" + host + "\" is not the name of a host");
    }
    auto reach = connection.act(limits::k_twin, "trying the name " + host,
                                [host](virConnectPtr raw) { return try_now(raw, host); });
    if (reach || reach.error().kind() != ErrorKind::unknown || !connection.alive()) {
        return reach.map_error(as_question);
    }
    // The emulator tries to connect and nobody answers: so the name was resolved.
    static_cast<void>(connection.act(limits::k_act, "ending the twin", [](virConnectPtr raw) -> Result<> {
        end_twin(raw);
        return {};
    }));
    return Capabilities::Reach{true, "the name is resolved, but nothing answered within the limit: a firewall?"};
}

}  // namespace vmferry::libvirt
