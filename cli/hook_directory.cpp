// Which executables are hooks, and whether they may be trusted.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "cli/hooks.hpp"
#include "cli/hooks_config.hpp"
#include "core/base/trusted_file.hpp"

namespace vmferry::cli {

namespace {

/// "10-name": what editors and package managers leave beside it ("10-name~", "10-name.dpkg-old") is none.
bool is_hook_name(const std::string& name)
{
    const auto digit = [](char one) { return std::isdigit(static_cast<unsigned char>(one)) != 0; };
    return name.size() > 3 && digit(name[0]) && digit(name[1]) && name[2] == '-' &&
           std::all_of(name.begin() + 3, name.end(), [](char one) {
               return std::isalnum(static_cast<unsigned char>(one)) != 0 || one == '-' || one == '_';
           });
}

Error unsafe(const std::string& path, const std::string& what)
{
    return Error(ErrorKind::config, fmt::format("the hook {} {}", path, what))
        .with_id("VMF-E180")
        .with_next(fmt::format("chown root {0}; chmod 0755 {0}", path));
}

Result<> admit(const std::string& path)
{
    const std::string doubt = why_not_trusted(path);
    return doubt.empty() ? Result<>() : fail(unsafe(path, doubt));
}

}  // namespace

Result<Hooks> load_hooks(const Config& config)
{
    Hooks hooks;
    hooks.limit = config.hook_timeout.value_or(k_hook_timeout);
    const std::string directory = config.hook_directory.value_or(std::string(k_hook_directory));
    std::error_code error;
    if (!config.hook_directory && !std::filesystem::exists(directory, error)) {
        return hooks;
    }
    std::filesystem::directory_iterator files(directory, error);
    if (error) {
        return fail(Error(ErrorKind::config, fmt::format("the hook directory {} cannot be read", directory))
                        .with_id("VMF-E180")
                        .with_cause(error.message())
                        .with_next("correct dir in [hooks] of the configuration"));
    }
    for (const auto& file : files) {
        const std::string name = file.path().filename();
        if (is_hook_name(name) && ::access(file.path().c_str(), X_OK) == 0 && !file.is_directory(error)) {
            VMF_TRY(admit(file.path()));
            hooks.all.push_back({name, file.path()});
        }
    }
    if (!hooks.all.empty()) {
        VMF_TRY(admit(directory));
    }
    std::sort(hooks.all.begin(), hooks.all.end(),
              [](const Hook& one, const Hook& other) { return one.name < other.name; });
    return hooks;
}

}  // namespace vmferry::cli
