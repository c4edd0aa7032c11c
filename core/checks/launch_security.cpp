#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-C007", "the VM's memory is not sealed to the host",
     "With launch security (SEV, SEV-SNP, TDX, s390 protected virtualization) the processor encrypts the "
     "guest's memory with a key that never leaves this host. Nobody else can read it, so it cannot be "
     "sent to a target. Stop the VM and start it on the target, or run it without <launchSecurity>."},
}};
constexpr const Topic& k_sealed = k_topics[0];

std::vector<model::Finding> run(CheckContext& context)
{
    if (!context.domain.launch_security) {
        return {not_applicable(k_sealed, "memory", "not sealed to the host")};
    }
    return {error(k_sealed, "memory", "launch security: the memory is sealed to the processor and cannot be sent",
                  "stop the VM and start it on the target")};
}

}  // namespace

VMF_REGISTER_CHECK(launch_security, k_topics, run);

}  // namespace vmferry::checks
