#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-P026", "reasons of the emulator itself against a migration",
     "QEMU keeps a list of reasons for which it would refuse a migration, and libvirt refuses a VM that "
     "is bound to another client's connection (autodestroy) or has memory devices without a fixed slot. "
     "Asking for them would mark the domain as tainted, so they are not checked here: libvirt looks at "
     "all of them as the very first thing of the move, before anything at the target is touched, and its "
     "refusal leaves the VM as it is."},
}};
constexpr const Topic& k_blockers = k_topics[0];

std::vector<model::Finding> run(CheckContext& /*context*/)
{
    return {info(k_blockers, "emulator",
                 "not checked: QEMU's own list of migration blockers (libvirt asks it first, before any change)", {},
                 {{"checked", false}})};
}

}  // namespace

VMF_REGISTER_CHECK(emulator_blockers, k_topics, run);

}  // namespace vmferry::checks
