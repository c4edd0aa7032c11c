// What the device checks have in common.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/checks/check.hpp"

namespace vmferry::checks {

/// The devices of that element name.
[[nodiscard]] std::vector<model::Device> devices_of(const CheckContext& context, std::string_view kind);
/// True when `word` is one of the words of the device's detail: "pci teaming" has "teaming".
[[nodiscard]] bool has_detail(const model::Device& device, std::string_view word);
/// "hostdev pci 0000:03:00.0", as far as it is known.
[[nodiscard]] std::string subject_of(const model::Device& device);

}  // namespace vmferry::checks
