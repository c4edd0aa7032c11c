#include "cli/libvirt_module.hpp"

#include <dlfcn.h>

#include <string>

#include "cli/own_files.hpp"

namespace vmferry::cli {

Result<world::Hypervisor*> load_hypervisor()
{
    const std::string path = beside_executable(VMFERRY_MODULE_FROM_BIN);
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
