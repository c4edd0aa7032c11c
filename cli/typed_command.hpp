// The command as the user typed it, for "Next: ..." lines that try it again.

#pragma once

#include <string>
#include <vector>

namespace vmferry::cli {

/// "vmferry migrate web1 kvm2 --tls": the words of this process, quoted for a shell where they need it, and
/// without passwords in URIs. Empty when /proc hides them.
[[nodiscard]] std::string typed_command();
/// The same of any words, the first of which is the program.
[[nodiscard]] std::string typed_command(const std::vector<std::string>& words);

}  // namespace vmferry::cli
