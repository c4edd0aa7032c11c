// The VM itself: its state, its records, what else claims it.

#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using model::RunState;
using model::Severity;
using model::StateReason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class VmTest : public CheckTest {
protected:
    Severity state(RunState run_state, StateReason reason)
    {
        domain.now.state = run_state;
        domain.now.reason = reason;
        return severity("VMF-P001");
    }
    void pause()
    {
        domain.now.state = RunState::paused;
        domain.now.reason = StateReason::user;
        source.run_state = "paused";
    }
    const Uuid m_other = *Uuid::parse("22222222-2222-4222-8222-222222222222");
    static constexpr const char* k_other_transaction = "01939f3c-0000-7000-8000-000000000099";
};

TEST_F(VmTest, OnlyAVmThatRunsOrIsOffOrWasPausedByItsUserMayMove)
{
    for (const RunState run_state : {RunState::running, RunState::paused, RunState::shut_off, RunState::crashed,
                                     RunState::pm_suspended, RunState::shutting_down, RunState::unknown}) {
        for (const StateReason reason :
             {StateReason::other, StateReason::unknown, StateReason::user, StateReason::migration,
              StateReason::io_error, StateReason::postcopy, StateReason::postcopy_failed, StateReason::starting_up,
              StateReason::migrated, StateReason::shutdown, StateReason::destroyed, StateReason::crashed,
              StateReason::failed}) {
            const bool in_postcopy = reason == StateReason::postcopy || reason == StateReason::postcopy_failed;
            const bool may = (run_state == RunState::running && !in_postcopy) ||
                             (run_state == RunState::paused && reason == StateReason::user) ||
                             run_state == RunState::shut_off;
            EXPECT_EQ(state(run_state, reason), may ? Severity::ok : Severity::error)
                << to_string(run_state) << " " << to_string(reason);
        }
    }
}

TEST_F(VmTest, VmThatVanishedMayNotMove)
{
    domain.now.exists = false;
    EXPECT_EQ(severity("VMF-P001"), Severity::error);
    domain.now.exists = true;
    domain.now.reachable = false;
    EXPECT_EQ(severity("VMF-P001"), Severity::error);
}

TEST_F(VmTest, ForeignJobsBlock)
{
    domain.now.job_active = true;
    domain.block_jobs = {"vda"};
    domain.disk_errors = {"vda"};
    EXPECT_THAT(errors(), ElementsAre("VMF-P002", "VMF-P003", "VMF-P004"));
    EXPECT_EQ(finding("VMF-P003").subject, "disk vda");
}

TEST_F(VmTest, MarkerOfAnotherTransactionBlocksWhereverItIs)
{
    domain.now.live_marker = marker_of(k_other_transaction);
    EXPECT_EQ(severity("VMF-P005"), Severity::error);
    EXPECT_THAT(finding("VMF-P005").message, HasSubstr("admin-pc"));
    domain.now.inactive_marker.swap(domain.now.live_marker);
    EXPECT_EQ(severity("VMF-P005"), Severity::error);
}

TEST_F(VmTest, OwnMarkerDoesNotBlock)
{
    domain.now.live_marker = marker_of(k_transaction);
    EXPECT_EQ(severity("VMF-P005"), Severity::ok);
}

TEST_F(VmTest, RecordsThatStayBehindBlock)
{
    domain.snapshots = 1;
    domain.checkpoints = 2;
    domain.managed_save = true;
    EXPECT_THAT(errors(), ElementsAre("VMF-P006", "VMF-P007", "VMF-P008"));
    EXPECT_EQ(finding("VMF-P008").remedy, "virsh managedsave-remove web1");
}

TEST_F(VmTest, RecordsOfSnapshotsGoAlongWithAVmThatIsOff)
{
    domain.now.state = RunState::shut_off;
    domain.snapshots = 2;
    EXPECT_EQ(severity("VMF-P006"), Severity::ok);
    domain.external_snapshots = 1;
    EXPECT_EQ(severity("VMF-P006"), Severity::error);
    EXPECT_THAT(finding("VMF-P006").message, HasSubstr("1 of its snapshots"));
}

TEST_F(VmTest, WithoutADefinitionNothingCanMove)
{
    domain.now.state = RunState::shut_off;
    domain.now.persistent = false;
    EXPECT_EQ(severity("VMF-P001"), Severity::error);
}

TEST_F(VmTest, WhatAVmThatIsOffCannotSendMustNotStayBehind)
{
    domain.now.state = RunState::shut_off;
    domain.nvram = "/var/lib/libvirt/qemu/nvram/web1_VARS.fd";
    EXPECT_EQ(severity("VMF-C005"), Severity::error);
    EXPECT_THAT(finding("VMF-C005").message, HasSubstr("cannot send it"));
    domain.nvram.clear();
    domain.devices.push_back({"tpm", "emulator 2.0", ""});
    EXPECT_EQ(severity("VMF-P020"), Severity::error);
}

TEST_F(VmTest, WhatOnlyARunningVmNeedsIsNotAskedOfOneThatIsOff)
{
    domain.now.state = RunState::shut_off;
    domain.cpu_mode = "host-passthrough";
    target.host_facts.memory_available_bytes = 1;
    EXPECT_EQ(severity("VMF-M001"), Severity::warn);
    EXPECT_THAT(errors(), ElementsAre());
    EXPECT_THAT(source.calls(), ::testing::Not(::testing::Contains(::testing::StartsWith("resolve"))));
}

TEST_F(VmTest, PersistenceAndAutostartAreToldAndNeverBlock)
{
    domain.config_pending = true;
    domain.autostart = true;
    EXPECT_EQ(severity("VMF-P009"), Severity::warn);
    EXPECT_EQ(severity("VMF-P010"), Severity::info);
    domain.now.persistent = false;
    EXPECT_EQ(severity("VMF-P009"), Severity::info);
}

TEST_F(VmTest, RunningVmsEmulatorIsNotAskedForThatTaintsIt)
{
    static_cast<void>(all());
    EXPECT_THAT(source.calls(), ::testing::Not(::testing::Contains(::testing::StartsWith("emulator_status"))));
}

TEST_F(VmTest, PausedVmMayMoveAndTheUnseenIsSaid)
{
    pause();
    EXPECT_EQ(severity("VMF-P013"), Severity::ok);
    EXPECT_EQ(severity("VMF-P014"), Severity::warn);
    EXPECT_THAT(errors(), ElementsAre());
    source.host_facts.hypervisor_version = 10'000'000;
    target.host_facts.hypervisor_version = 10'000'000;
    EXPECT_TRUE(findings("VMF-P014").empty());
}

TEST_F(VmTest, RemainsOfAnEarlierMigrationBlock)
{
    pause();
    source.run_state = "postmigrate";
    EXPECT_EQ(severity("VMF-P013"), Severity::error);
    EXPECT_EQ(finding("VMF-P013").remedy, "virsh resume web1; virsh suspend web1");
    source.fail_call("emulator_status", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-P013"), Severity::error);
}

TEST_F(VmTest, TwinAtTheTargetBlocksRunningOrDefinedWithOrWithoutMarker)
{
    add_resident(domain.uuid, "web1", false);
    EXPECT_THAT(finding("VMF-P011").remedy, HasSubstr("virsh undefine web1 --keep-nvram"));
    EXPECT_EQ(severity("VMF-P011"), Severity::error);
    residents[0].active = true;
    EXPECT_EQ(severity("VMF-P011"), Severity::error);
    residents[0].marker = marker_of(k_other_transaction);
    EXPECT_EQ(finding("VMF-P011").remedy, std::string("vmferry rollback ") + k_other_transaction);
    residents[0].name = "renamed";
    EXPECT_EQ(severity("VMF-P011"), Severity::error);
}

TEST_F(VmTest, OtherVmOfItsNameBlocks)
{
    add_resident(m_other, "web1", false);
    EXPECT_THAT(errors(), ElementsAre("VMF-P012"));
    residents[0].name = "web2";
    EXPECT_THAT(errors(), ElementsAre());
}

TEST_F(VmTest, RunningVmWithItsMacBlocksAndADefinedOneWarns)
{
    auto& other = add_resident(m_other, "clone", true);
    other.macs = {"52:54:00:99:99:99", "52:54:00:00:00:01"};
    EXPECT_EQ(severity("VMF-N006"), Severity::error);
    residents[0].active = false;
    EXPECT_EQ(severity("VMF-N006"), Severity::warn);
    residents[0].macs = {"52:54:00:99:99:99"};
    EXPECT_EQ(severity("VMF-N006"), Severity::ok);
}

TEST_F(VmTest, MacIsComparedWithoutRegardToCase)
{
    domain.nics[0].mac = "52:54:00:AB:cd:01";
    add_resident(m_other, "clone", true).macs = {"52:54:00:ab:CD:01"};
    EXPECT_EQ(severity("VMF-N006"), Severity::error);
}

TEST_F(VmTest, InterfacesWithoutMacDoNotCollide)
{
    domain.nics[0].mac = "";
    add_resident(m_other, "clone", true).macs = {""};
    EXPECT_EQ(severity("VMF-N006"), Severity::ok);
}

TEST_F(VmTest, WhatTheEmulatorWouldRefuseIsSaidToBeUnchecked) { EXPECT_EQ(severity("VMF-P026"), Severity::info); }

}  // namespace
}  // namespace vmferry::checks
