// The marker, as libvirt's metadata call gives it.

#include "core/libvirt/marker_xml.hpp"
#include "tests/fuzz/targets.hpp"

namespace vmferry::fuzz {

void read_marker(const std::string& text)
{
    if (const auto marker = libvirt::parse_marker(text)) {
        const auto again = libvirt::parse_marker(libvirt::marker_xml(*marker));
        require(again && *again == *marker, "a marker is read as it is written");
    }
}

}  // namespace vmferry::fuzz
