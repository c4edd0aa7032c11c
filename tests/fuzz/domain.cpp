// Documents of a daemon: definitions of domains, capabilities, node devices.

#include "core/libvirt/block_device.hpp"
#include "core/libvirt/canonical_xml.hpp"
#include "core/libvirt/domain_xml.hpp"
#include "core/libvirt/host_facts.hpp"
#include "core/libvirt/marker_xml.hpp"
#include "tests/fuzz/targets.hpp"

namespace vmferry::fuzz {

namespace {

void read_canonically(const std::string& text)
{
    for (const auto which : {libvirt::Definition::live, libvirt::Definition::inactive}) {
        if (const auto once = libvirt::canonical_xml(text, which)) {
            const auto twice = libvirt::canonical_xml(*once, which);
            require(twice && *twice == *once, "the canonical form of a canonical form is itself");
        }
    }
    static_cast<void>(libvirt::configuration_of(text));
}

/// A marker that is set is the one that is found, whatever else the definition holds.
void mark(const std::string& text)
{
    model::Marker marker;
    marker.transaction = Uuid::parse("0193a5c0-0000-7000-8000-000000000001").value();
    marker.epoch = 7;
    const auto marked = libvirt::with_marker(text, marker);
    if (!marked) {
        return;
    }
    const auto document = libvirt::xml::Document::parse(*marked);
    require(document.has_value(), "a marked definition can be read");
    require(libvirt::marker_in(*document) == marker, "the marker of a definition is found");
}

}  // namespace

void read_domain(const std::string& text)
{
    if (const auto facts = libvirt::read_domain(text)) {
        require(!facts->name.empty() && !facts->uuid.empty(), "a domain has a name and a UUID");
        require(libvirt::macs_of(text).has_value(), "its addresses can be read");
    }
    static_cast<void>(libvirt::cpu_of(text));
    static_cast<void>(libvirt::security_model_in(text));
    static_cast<void>(libvirt::identity_in(text, "/dev/sda"));
    read_canonically(text);
    mark(text);
}

}  // namespace vmferry::fuzz
