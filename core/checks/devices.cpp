#include "core/checks/devices.hpp"

#include <algorithm>

namespace vmferry::checks {

std::vector<model::Device> devices_of(const CheckContext& context, std::string_view kind)
{
    std::vector<model::Device> devices;
    std::copy_if(context.domain.devices.begin(), context.domain.devices.end(), std::back_inserter(devices),
                 [&](const model::Device& device) { return device.kind == kind; });
    return devices;
}

bool has_detail(const model::Device& device, std::string_view word)
{
    std::string_view rest = device.detail;
    while (!rest.empty()) {
        const size_t end = std::min(rest.find(' '), rest.size());
        if (rest.substr(0, end) == word) {
            return true;
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
}

std::string subject_of(const model::Device& device)
{
    std::string subject = device.kind;
    for (const std::string& part : {device.detail, device.source}) {
        subject += part.empty() ? part : " " + part;
    }
    return subject;
}

}  // namespace vmferry::checks
