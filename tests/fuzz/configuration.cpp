// A configuration file.

#include <sys/mman.h>
#include <unistd.h>

#include "cli/config.hpp"
#include "core/base/handle.hpp"
#include "tests/fuzz/targets.hpp"

namespace vmferry::fuzz {

void read_configuration(const std::string& text)
{
    const Fd file(::memfd_create("vmferry.toml", MFD_CLOEXEC));
    require(::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()), "the file is written");
    const std::string path = "/proc/self/fd/" + std::to_string(file.get());
    cli::Config config;
    if (const auto read = cli::read_config(path, config); !read) {
        require(read.error().kind() == ErrorKind::config, "what is wrong with it is said as such");
        return;
    }
    for (const auto& [name, host] : config.hosts) {
        require(host.uri.find("://") != std::string::npos, "a host has a URI");
    }
}

}  // namespace vmferry::fuzz
