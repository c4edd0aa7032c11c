#include "cli/config.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace vmferry::cli {

namespace {

constexpr const char* k_system_file = "/etc/vmferry/vmferry.toml";
constexpr const char* k_fragments = "/etc/vmferry/conf.d";

std::vector<std::string> fragments()
{
    std::vector<std::string> files;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(k_fragments, ignored)) {
        if (entry.path().extension() == ".toml") {
            files.push_back(entry.path().string());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string user_file()
{
    const char* base = std::getenv("XDG_CONFIG_HOME");
    if (base != nullptr && *base == '/') {
        return std::string(base) + "/vmferry/vmferry.toml";
    }
    const char* home = std::getenv("HOME");
    return home != nullptr && *home == '/' ? std::string(home) + "/.config/vmferry/vmferry.toml" : std::string();
}

}  // namespace

std::vector<std::string> Config::host_names() const
{
    std::vector<std::string> names;
    for (const auto& [name, entry] : hosts) {
        names.push_back(name);
    }
    return names;
}

Result<Config> load_config(const std::string& file)
{
    Config config;
    if (!file.empty()) {
        VMF_TRY(read_config(file, config));
        return config;
    }
    std::vector<std::string> files{k_system_file};
    for (std::string& fragment : fragments()) {
        files.push_back(std::move(fragment));
    }
    files.push_back(user_file());
    for (const std::string& one : files) {
        if (!one.empty() && ::access(one.c_str(), F_OK) == 0) {
            VMF_TRY(read_config(one, config));
        }
    }
    return config;
}

}  // namespace vmferry::cli
