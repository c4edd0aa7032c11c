#include "cli/libvirt_module.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <string>

namespace vmferry::cli {

namespace {

/// Beside the executable, in the build tree and when installed alike (cli/CMakeLists.txt).
std::string module_path()
{
    std::array<char, 4096> self{};
    const ssize_t length = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
    const std::string executable(self.data(), length > 0 ? static_cast<size_t>(length) : 0);
    return executable.substr(0, executable.rfind('/') + 1) + VMFERRY_MODULE_FROM_BIN;
}

}  // namespace

Result<world::Hypervisor*> load_hypervisor()
{
    const std::string path = module_path();
    void* module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) {
        const char* reason = ::dlerror();
        return fail(Error(ErrorKind::internal, "the part of vmferry that speaks to libvirt cannot be loaded")
                        .with_cause(reason == nullptr ? path : reason)
                        .with_next("install vmferry anew, with libvirt's client library"));
    }
    using Factory = world::Hypervisor* (*)();
    const auto make = reinterpret_cast<Factory>(::dlsym(module, "vmferry_make_hypervisor"));
    world::Hypervisor* hypervisor = make == nullptr ? nullptr : make();
    if (hypervisor == nullptr) {
        return fail(Error(ErrorKind::internal, path + " is not of this vmferry").with_next("install vmferry anew"));
    }
    return hypervisor;
}

}  // namespace vmferry::cli
