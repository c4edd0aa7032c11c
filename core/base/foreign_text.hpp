// Text that a stranger wrote - a label, a host name, what another program says - made fit to be shown.

#pragma once

#include <string>
#include <string_view>

namespace vmferry {

/// At most `bytes_max` bytes of it and "..." where more is left out, valid UTF-8. What is not, and what would steer a
/// terminal or turn the direction of writing (controls, escapes, bidirectional marks), is written as "\x1b".
[[nodiscard]] std::string harmless(std::string_view text, size_t bytes_max);

}  // namespace vmferry
