#include "core/base/libcrypto.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace vmferry {

namespace {

static_assert(OPENSSL_VERSION_MAJOR == 3);
constexpr const char* k_library = "libcrypto.so.3";
// Its own symbols are looked for in itself first, not in everything that is loaded: half of the time it takes to load.
#if defined(__SANITIZE_ADDRESS__)
constexpr int k_how = RTLD_LAZY | RTLD_LOCAL;  // Sanitizers refuse to be passed by.
#else
constexpr int k_how = RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

[[noreturn]] void give_up()
{
    constexpr int k_internal = 70;
    const char* reason = ::dlerror();
    std::fprintf(stderr, "vmferry: OpenSSL cannot be loaded: %s\n", reason == nullptr ? k_library : reason);
    std::_Exit(k_internal);
}

template <typename Function>
void find(void* library, const char* name, Function& function)
{
    function = reinterpret_cast<Function>(::dlsym(library, name));
    if (function == nullptr) {
        give_up();
    }
}

Libcrypto load()
{
    void* library = ::dlopen(k_library, k_how);
    if (library == nullptr) {
        give_up();
    }
    Libcrypto loaded;
#define VMF_FIND(name) find(library, #name, loaded.name);
    VMF_LIBCRYPTO(VMF_FIND)
#undef VMF_FIND
    return loaded;
}

}  // namespace

const Libcrypto& libcrypto()
{
    static const Libcrypto s_loaded = load();
    return s_loaded;
}

}  // namespace vmferry
