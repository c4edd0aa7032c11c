// Processor, machine, firmware and memory: the target offers what the guest was promised.

#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using model::Severity;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint64_t k_gib = 1ULL << 30;

class MachineTest : public CheckTest {};

TEST_F(MachineTest, CpuThatTheTargetLacksIsRefusedWithTheDetail)
{
    target.cpu_verdict = {false, "lacks avx512f"};
    EXPECT_EQ(severity("VMF-C003"), Severity::error);
    EXPECT_THAT(finding("VMF-C003").message, HasSubstr("avx512f"));
}

TEST_F(MachineTest, CpuThatCannotBeComparedIsRefused)
{
    target.fail_call("compare_cpu", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-C003"), Severity::error);
}

TEST_F(MachineTest, CpuPassedThroughNeedsItsOwnAcceptance)
{
    for (const char* mode : {"host-passthrough", "maximum"}) {
        domain.cpu_mode = mode;
        EXPECT_THAT(errors(), ElementsAre("VMF-C010")) << mode;
        EXPECT_TRUE(model::blocks(all({"VMF-C003"}))) << mode;
        EXPECT_FALSE(model::blocks(all({"VMF-C010"}))) << mode;
    }
    for (const char* mode : {"custom", "host-model", ""}) {
        domain.cpu_mode = mode;
        EXPECT_TRUE(findings("VMF-C010").empty()) << mode;
    }
}

TEST_F(MachineTest, CpuPassedThroughMayMoveToAnIdenticalOneOnly)
{
    domain.cpu_mode = "host-passthrough";
    target.cpu_verdict = {true, "a superset"};
    EXPECT_EQ(severity("VMF-C010"), Severity::error);
    target.cpu_verdict = {true, "identical"};
    EXPECT_EQ(severity("VMF-C010"), Severity::warn);
    EXPECT_THAT(errors(), ElementsAre());
    target.cpu_verdict = {false, "identical"};
    EXPECT_EQ(severity("VMF-C010"), Severity::error);
    target.fail_call("compare_cpu", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-C010"), Severity::error);
}

TEST_F(MachineTest, EmulatedCpuPassedThroughIsTheSameInTheSameEmulatorOnly)
{
    domain.cpu_mode = "maximum";
    domain.virt_type = "qemu";
    EXPECT_THAT(errors(), ElementsAre());
    target.host_facts.hypervisor_version = 8'000'000;
    target.cpu_verdict = {true, "identical"};
    EXPECT_THAT(errors(), ElementsAre("VMF-C010"));
}

TEST_F(MachineTest, InvariantTscIsRefused)
{
    domain.invtsc = true;
    EXPECT_EQ(severity("VMF-C008"), Severity::error);
}

TEST_F(MachineTest, MissingEmulatorIsRefusedAndNothingOfItIsBelieved)
{
    target.machine_verdict = {false, true, true, 255, "no such file"};
    domain.loader = "/usr/share/OVMF/OVMF_CODE.fd";
    EXPECT_THAT(errors(), ElementsAre("VMF-C001", "VMF-C002", "VMF-C004"));
    EXPECT_THAT(finding("VMF-C001").message, HasSubstr("no such file"));
}

TEST_F(MachineTest, MissingMachineTypeIsRefused)
{
    target.machine_verdict.machine = false;
    EXPECT_THAT(errors(), ElementsAre("VMF-C002"));
}

TEST_F(MachineTest, TargetThatDoesNotAnswerOffersNothing)
{
    target.fail_call("supports_machine", ErrorKind::failed);
    EXPECT_THAT(errors(), ElementsAre("VMF-C001", "VMF-C002", "VMF-C004", "VMF-C006"));
}

TEST_F(MachineTest, FirmwareMustBeKnownOrFound)
{
    domain.loader = "/opt/firmware/code.fd";
    EXPECT_EQ(severity("VMF-C004"), Severity::ok);
    target.machine_verdict.firmware = false;
    EXPECT_EQ(severity("VMF-C004"), Severity::error);
    target.add_file("/opt/firmware/code.fd");
    EXPECT_EQ(severity("VMF-C004"), Severity::ok);
    target.fail_call("file_exists", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-C004"), Severity::error);
}

TEST_F(MachineTest, VcpusMustNotExceedTheTargetsLimit)
{
    domain.vcpus = 256;
    EXPECT_EQ(severity("VMF-C006"), Severity::error);
    domain.vcpus = 255;
    EXPECT_EQ(severity("VMF-C006"), Severity::ok);
    target.machine_verdict.vcpus_max = 0;
    EXPECT_EQ(severity("VMF-C006"), Severity::info);
}

TEST_F(MachineTest, SealedMemoryIsRefused)
{
    domain.launch_security = true;
    EXPECT_EQ(severity("VMF-C007"), Severity::error);
}

TEST_F(MachineTest, MemoryNeedsRoomForTheEmulatorToo)
{
    target.host_facts.memory_available_bytes = 8 * k_gib;
    const auto found = finding("VMF-M001");
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_GT(found.facts["needed_bytes"].get<uint64_t>(), 8 * k_gib + (256ULL << 20));
    EXPECT_LT(found.facts["needed_bytes"].get<uint64_t>(), 9 * k_gib);
}

TEST_F(MachineTest, EnoughMemoryIsToldInNumbersAndATightFitIsAWarning)
{
    EXPECT_EQ(severity("VMF-M001"), Severity::ok);
    EXPECT_THAT(finding("VMF-M001").message, HasSubstr("41"));
    target.host_facts.memory_available_bytes = 9 * k_gib;
    EXPECT_EQ(severity("VMF-M001"), Severity::warn);
}

TEST_F(MachineTest, UnknownMemoryIsRefused)
{
    target.host_facts.memory_available_bytes = 0;
    EXPECT_EQ(severity("VMF-M001"), Severity::error);
    target.host_facts.memory_available_bytes = 41 * k_gib;
    domain.memory_bytes = 0;
    EXPECT_EQ(severity("VMF-M001"), Severity::error);
}

TEST_F(MachineTest, HugePagesAreCountedInstead)
{
    domain.hugepage_size_bytes = 2ULL << 20;
    target.host_facts.memory_available_bytes = 4 * k_gib;
    target.huge_pages_free[2ULL << 20] = 4096;
    EXPECT_THAT(errors(), ElementsAre());
    domain.memory_bytes += 1;
    EXPECT_THAT(errors(), ElementsAre("VMF-M002")) << "one page more is needed";
    target.fail_call("free_huge_pages", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-M002"), Severity::error);
}

TEST_F(MachineTest, PinsAreAWarning)
{
    domain.numa_pinned = true;
    EXPECT_EQ(severity("VMF-M003"), Severity::warn);
}

class NvramTest : public CheckTest {
protected:
    NvramTest()
    {
        domain.loader = "/usr/share/OVMF/OVMF_CODE.fd";
        domain.nvram = "/var/lib/libvirt/qemu/nvram/web1_VARS.fd";
        domain.nvram_template = "/usr/share/OVMF/OVMF_VARS.fd";
        target.add_file(domain.nvram_template);
        source.add_file(domain.nvram);
    }
};

TEST_F(NvramTest, FileThatTheTargetDoesNotHaveIsFine)
{
    EXPECT_THAT(errors(), ElementsAre());
    EXPECT_FALSE(proofs->is_nvram_shared());
    EXPECT_FALSE(proofs->may_nvram_be_at_target());
}

TEST_F(NvramTest, ForeignFileAtTheTargetIsRefused)
{
    target.add_file(domain.nvram);
    const auto found = finding("VMF-C005");
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_THAT(found.message, HasSubstr("overwritten"));
    EXPECT_FALSE(proofs->is_nvram_shared());
    EXPECT_TRUE(proofs->may_nvram_be_at_target());
}

TEST_F(NvramTest, FileOnSharedStorageIsFineAndRemembered)
{
    domain.nvram = "/srv/vm/web1_VARS.fd";
    source.add_file(domain.nvram);
    EXPECT_EQ(severity("VMF-C005"), Severity::ok);
    EXPECT_TRUE(proofs->is_nvram_shared());
    EXPECT_TRUE(proofs->may_nvram_be_at_target());
}

TEST_F(NvramTest, FileThatCannotBeLookedForIsRefused)
{
    target.fail_call("file_exists", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-C005"), Severity::error);
    EXPECT_TRUE(proofs->may_nvram_be_at_target());
}

TEST_F(NvramTest, ExistingFileWhoseSharingCannotBeProvedIsRefused)
{
    target.add_file(domain.nvram);
    source.fail_call("create_probe", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-C005"), Severity::error);
    EXPECT_FALSE(proofs->is_nvram_shared());
}

TEST_F(NvramTest, MissingTemplateIsRefused)
{
    domain.nvram_template = "/usr/share/OVMF/other.fd";
    EXPECT_EQ(severity("VMF-C011"), Severity::error);
}

}  // namespace
}  // namespace vmferry::checks
