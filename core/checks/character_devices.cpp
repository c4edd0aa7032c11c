#include <fmt/format.h>

#include <array>
#include <set>
#include <utility>

#include "core/checks/devices.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-P027", "serial lines, channels and random sources of the host",
     "A serial line, channel or console that leads to a file, pipe, socket or device of the source, or a "
     "random generator fed from one, needs the same thing at the target. That is not visible through "
     "libvirt. A file is begun anew there and what was written stays on the source; a missing directory, "
     "socket or device makes the target refuse, and the move ends where it began. Sockets that libvirt "
     "makes itself (the guest agent's) are fine and not listed."},
}};
constexpr const Topic& k_path = k_topics[0];

/// libvirt makes these anew on each host.
bool is_libvirts_own(const std::string& path)
{
    return path.starts_with("/var/lib/libvirt/qemu/") || path.starts_with("/run/libvirt/") ||
           path.starts_with("/var/run/libvirt/");
}

/// True when the device leads to a path that must exist at the target too.
bool leads_to_host(const model::Device& device)
{
    if (device.kind == "rng") {
        return device.source != "/dev/urandom" && device.source != "/dev/random" && device.source.starts_with('/');
    }
    const bool character =
        device.kind == "serial" || device.kind == "parallel" || device.kind == "channel" || device.kind == "console";
    const bool path = has_detail(device, "file") || has_detail(device, "pipe") || has_detail(device, "unix") ||
                      has_detail(device, "dev");
    return character && path && !device.source.empty() && !is_libvirts_own(device.source);
}

std::vector<model::Finding> run(CheckContext& context)
{
    const std::string& target = context.target_facts.label;
    std::set<std::pair<std::string, std::string>> seen;  // The first console is the serial line by another name.
    std::vector<model::Finding> findings;
    for (const model::Device& device : context.domain.devices) {
        if (leads_to_host(device) && seen.emplace(device.detail, device.source).second) {
            findings.push_back(warn(
                k_path, subject_of(device), fmt::format("not checked: {} must be usable on {}", device.source, target),
                fmt::format("on {}: ls -ld {}", target, device.source), {{"path", device.source}, {"checked", false}}));
        }
    }
    if (findings.empty()) {
        findings.push_back(not_applicable(k_path, "serial lines", "none that leads to a path of the host"));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(character_devices, k_topics, run);

}  // namespace vmferry::checks
