#include "core/libvirt/monitor.hpp"

#include <libvirt/libvirt-qemu.h>

#include "core/libvirt/failure.hpp"
#include "core/libvirt/handles.hpp"

namespace vmferry::libvirt {

Result<Json> monitor_command(virDomainPtr domain, const std::string& command, const Json& arguments)
{
    const std::string text = dump_json(Json{{"execute", command}, {"arguments", arguments}});
    char* reply = nullptr;
    if (virDomainQemuMonitorCommand(domain, text.c_str(), &reply, 0) < 0) {
        return failed_call("QEMU's monitor did not take " + command);
    }
    auto answer = parse_json(take_string(reply));
    if (!answer || !answer->is_object()) {
        return fail(ErrorKind::unknown, "QEMU's monitor gave no readable answer to " + command);
    }
    if (const auto error = answer->find("error"); error != answer->end()) {
        return fail(Error(ErrorKind::failed, "QEMU refused " + command).with_cause(dump_json(*error)));
    }
    const auto value = answer->find("return");
    return value == answer->end() ? Json::object() : *value;
}

}  // namespace vmferry::libvirt
