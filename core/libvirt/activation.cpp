#include "core/libvirt/activation.hpp"

#include <string>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/monitor.hpp"

namespace vmferry::libvirt {

namespace {

/// The top node of each drive that has a medium.
Result<std::vector<std::string>> disk_nodes(virDomainPtr domain)
{
    VMF_TRY_ASSIGN(const Json drives, monitor_command(domain, "query-block"));
    std::vector<std::string> nodes;
    for (const Json& drive : drives) {
        const auto inserted = drive.find("inserted");
        if (inserted == drive.end() || !inserted->is_object()) {
            continue;
        }
        const std::string node = inserted->value("node-name", "");
        if (!node.empty()) {
            nodes.push_back(node);
        }
    }
    return nodes;
}

Result<> export_once(virDomainPtr domain, const std::string& node)
{
    const std::string id = "vmferry-activation";
    VMF_TRY(monitor_command(domain, "block-export-add",
                            Json{{"type", "nbd"}, {"id", id}, {"node-name", node}, {"writable", false}}));
    VMF_TRY(monitor_command(domain, "block-export-del", Json{{"id", id}, {"mode", "hard"}}));
    return {};
}

}  // namespace

Result<> activate_images_now(virDomainPtr domain)
{
    VMF_TRY_ASSIGN(const State state, state_of(domain));
    if (state.run != model::RunState::paused) {
        return fail(ErrorKind::failed, "images are opened only for a paused domain");
    }
    VMF_TRY_ASSIGN(const std::vector<std::string> nodes, disk_nodes(domain));
    // An abstract socket leaves no file behind; nobody connects to it.
    const Json address{{"type", "unix"}, {"data", {{"path", "vmferry-" + Uuid::make_v7().str()}, {"abstract", true}}}};
    VMF_TRY(monitor_command(domain, "nbd-server-start", Json{{"addr", address}}));
    Result<> opened;
    for (const std::string& node : nodes) {
        opened = export_once(domain, node);
        if (!opened) {
            break;
        }
    }
    const auto stopped = monitor_command(domain, "nbd-server-stop");
    if (opened && !stopped) {
        return fail(stopped.error());
    }
    return opened;
}

}  // namespace vmferry::libvirt
