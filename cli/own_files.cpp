#include "cli/own_files.hpp"

#include <unistd.h>

#include <array>
#include <filesystem>

namespace vmferry::cli {

std::string beside_executable(const std::string& from_bin)
{
    std::array<char, 4096> self{};
    const ssize_t length = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
    const std::string executable(self.data(), length > 0 ? static_cast<size_t>(length) : 0);
    return executable.substr(0, executable.rfind('/') + 1) + from_bin;
}

std::string own_plugin_directory()
{
    return std::filesystem::path(beside_executable(VMFERRY_PLUGINS_FROM_BIN)).lexically_normal();
}

}  // namespace vmferry::cli
