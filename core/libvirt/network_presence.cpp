#include "core/libvirt/network_presence.hpp"

#include <libvirt/virterror.h>

#include "core/libvirt/failure.hpp"
#include "core/libvirt/handles.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

/// A look-up that failed: the thing is not there, nobody can tell, or the host did not answer.
Result<Presence> absent_or_error(const std::string& what)
{
    const Failure failure = Failure::last();
    if (failure.not_found()) {
        return Presence::absent;
    }
    if (failure.has_code(VIR_ERR_NO_SUPPORT) || failure.has_code(VIR_ERR_NO_CONNECT)) {
        return Presence::not_checkable;
    }
    return fail(error_of(failure, what));
}

Result<Presence> by_interface(virConnectPtr connection, const std::string& name)
{
    const InterfaceHandle interface(virInterfaceLookupByName(connection, name.c_str()));
    if (!interface) {
        return absent_or_error("interface " + name + " cannot be looked up");
    }
    // libvirt's "inactive" means that there is no carrier, and a bridge has none before the first guest is
    // plugged in: that it exists is what counts.
    return Presence::active;
}

Result<Presence> by_node_device(virConnectPtr connection, const std::string& name)
{
    virNodeDevicePtr* list = nullptr;
    const int count = virConnectListAllNodeDevices(connection, &list, VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET);
    if (count < 0) {
        return absent_or_error("the host's interfaces cannot be listed");
    }
    for (const DeviceHandle& device : take_list<DeviceHandle>(list, count)) {
        const auto document = xml::Document::parse(take_string(virNodeDeviceGetXMLDesc(device.get(), 0)));
        if (document && document->text("/device/capability[@type='net']/interface") == name) {
            return Presence::active;
        }
    }
    return count == 0 ? Presence::not_checkable : Presence::absent;
}

}  // namespace

Result<Presence> network_now(virConnectPtr connection, const std::string& name)
{
    const NetworkHandle network(virNetworkLookupByName(connection, name.c_str()));
    if (!network) {
        return absent_or_error("network " + name + " cannot be looked up");
    }
    return virNetworkIsActive(network.get()) == 0 ? Presence::inactive : Presence::active;
}

Result<Presence> bridge_now(virConnectPtr connection, const std::string& name)
{
    const auto first = by_interface(connection, name);
    if (first && *first == Presence::active) {
        return first;
    }
    const auto second = by_node_device(connection, name);
    if (second && *second == Presence::active) {
        return second;
    }
    const bool surely_absent = (first && *first == Presence::absent) || (second && *second == Presence::absent);
    return surely_absent ? Presence::absent : Presence::not_checkable;
}

Result<Presence> network_filter_now(virConnectPtr connection, const std::string& name)
{
    const FilterHandle filter(virNWFilterLookupByName(connection, name.c_str()));
    if (!filter) {
        return absent_or_error("network filter " + name + " cannot be looked up");
    }
    return Presence::active;
}

}  // namespace vmferry::libvirt
