#include "core/libvirt/event_loop.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "core/libvirt/bounded.hpp"
#include "core/libvirt/failure.hpp"

namespace vmferry::libvirt {

namespace {

void ignore_error(void* /*unused*/, virErrorPtr /*error*/) {}

void ignore_timer(int /*timer*/, void* /*unused*/) {}

/// libvirt also logs warnings to stderr ("Guest probably left in 'paused' state"). It reads its settings
/// from the environment, once, and only here; what the user has set stays.
int initialise_quietly()
{
    for (const char* name : {"LIBVIRT_DEBUG", "LIBVIRT_LOG_FILTERS", "LIBVIRT_LOG_OUTPUTS"}) {
        if (std::getenv(name) != nullptr) {
            return virInitialize();
        }
    }
    constexpr const char* k_errors_only = "4";
    ::setenv("LIBVIRT_DEBUG", k_errors_only, 1);
    const int answer = virInitialize();
    ::unsetenv("LIBVIRT_DEBUG");
    return answer;
}

Result<> start()
{
    virSetErrorFunc(nullptr, ignore_error);
    if (initialise_quietly() < 0) {
        return failed_call("libvirt's library could not be initialised");
    }
    if (virEventRegisterDefaultImpl() < 0) {
        return failed_call("libvirt's event loop could not be registered");
    }
    // With a timer the loop always wakes up by itself.
    if (virEventAddTimeout(1000, ignore_timer, nullptr, nullptr) < 0) {
        return failed_call("libvirt's event loop took no timer");
    }
    const bool started = run_detached([] {
        for (;;) {
            if (virEventRunDefaultImpl() < 0) {
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
        }
    });
    if (!started) {
        return fail(ErrorKind::failed, "no thread could be started for libvirt's event loop");
    }
    return {};
}

}  // namespace

Result<> start_event_loop()
{
    static std::once_flag once;
    static Result<> result;
    std::call_once(once, [] { result = start(); });
    return result;
}

}  // namespace vmferry::libvirt
