#include <gtest/gtest.h>

#include "core/libvirt/block_device.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/host_facts.hpp"

namespace vmferry::libvirt {
namespace {

constexpr const char* k_device = R"(<device>
  <name>block_sda_3600</name><path>/sys/x/block/sda</path>
  <devnode type='dev'>/dev/sda</devnode>
  <devnode type='link'>/dev/disk/by-path/pci-0000:00:1f.2</devnode>
  <devnode type='link'>/dev/disk/by-id/wwn-0x600</devnode>
  <capability type='storage'><block>/dev/sda</block><serial>S123</serial></capability>
</device>)";

TEST(BlockDevice, IsFoundByEachOfItsNames)
{
    EXPECT_EQ(identity_in(k_device, "/dev/sda"), "wwn-0x600");
    EXPECT_EQ(identity_in(k_device, "/dev/disk/by-path/pci-0000:00:1f.2"), "wwn-0x600");
    EXPECT_EQ(identity_in(k_device, "/dev/sdb"), std::nullopt);
    EXPECT_EQ(identity_in("nonsense", "/dev/sda"), std::nullopt);
}

TEST(BlockDevice, SerialNumberWhereThereIsNoWorldWideName)
{
    EXPECT_EQ(identity_in("<device><capability type='storage'><block>/dev/vda</block><serial>S9</serial></capability>"
                          "</device>",
                          "/dev/vda"),
              "S9");
    EXPECT_EQ(
        identity_in("<device><capability type='storage'><block>/dev/vda</block></capability></device>", "/dev/vda"),
        "");
}

TEST(HostFacts, TheModelThatMattersIsNamed)
{
    const auto model = [](const std::string& models) {
        return *security_model_in("<capabilities><host>" + models + "</host></capabilities>");
    };
    EXPECT_EQ(model(""), "none");
    EXPECT_EQ(model("<secmodel><model>none</model></secmodel>"), "none");
    EXPECT_EQ(model("<secmodel><model>dac</model></secmodel>"), "dac");
    EXPECT_EQ(model("<secmodel><model>apparmor</model></secmodel><secmodel><model>dac</model></secmodel>"), "apparmor");
    EXPECT_EQ(model("<secmodel><model>dac</model></secmodel><secmodel><model>selinux</model></secmodel>"), "selinux");
}

TEST(DomainState, IsTranslated)
{
    using model::RunState;
    using model::StateReason;
    const auto is = [](int state, int reason, RunState run, StateReason why) {
        const State translated = translate_state(state, reason);
        return translated.run == run && translated.reason == why;
    };
    EXPECT_TRUE(is(VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_BOOTED, RunState::running, StateReason::other));
    EXPECT_TRUE(
        is(VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY_FAILED, RunState::running, StateReason::postcopy_failed));
    EXPECT_TRUE(is(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER, RunState::paused, StateReason::user));
    EXPECT_TRUE(is(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, RunState::paused, StateReason::migration));
    EXPECT_TRUE(is(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_IOERROR, RunState::paused, StateReason::io_error));
    EXPECT_TRUE(is(VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_MIGRATED, RunState::shut_off, StateReason::migrated));
    EXPECT_TRUE(is(VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_UNKNOWN, RunState::shut_off, StateReason::unknown));
    EXPECT_TRUE(is(VIR_DOMAIN_CRASHED, 1, RunState::crashed, StateReason::other));
    EXPECT_TRUE(is(99, 99, RunState::unknown, StateReason::other));
}

}  // namespace
}  // namespace vmferry::libvirt
