// The side of libFuzzer. VMFERRY_FUZZ_TARGET names the target: one program serves them all.

#include <spdlog/spdlog.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.hpp"

namespace {

const vmferry::fuzz::Target* g_target = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/)
{
    const char* name = std::getenv("VMFERRY_FUZZ_TARGET");
    g_target = vmferry::fuzz::find_target(name == nullptr ? "" : name);
    if (g_target == nullptr) {
        std::fprintf(stderr, "VMFERRY_FUZZ_TARGET does not name a target\n");
        std::exit(64);
    }
    spdlog::set_level(spdlog::level::off);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    g_target->read(std::string(reinterpret_cast<const char*>(data), size));
    return 0;
}
