// Devices that tie a VM to its host.

#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using model::NicKind;
using model::Severity;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DevicesTest : public CheckTest {};

TEST_F(DevicesTest, PciDeviceIsRefusedUnlessItIsPartOfATeam)
{
    add_device("hostdev", "pci", "0000:03:00.0");
    EXPECT_EQ(severity("VMF-P031"), Severity::error);
    domain.devices[0].detail = "pci teaming";
    EXPECT_EQ(severity("VMF-P031"), Severity::warn);
    domain.devices[0].detail = "pciteaming";
    EXPECT_EQ(severity("VMF-P032"), Severity::error);
}

TEST_F(DevicesTest, HostDevicesWithStateAreRefusedAlsoUnknownOnes)
{
    for (const char* detail : {"mdev", "scsi", "scsi_host", "storage", "misc", "net", "", "something new"}) {
        domain.devices.clear();
        add_device("hostdev", detail);
        EXPECT_EQ(severity("VMF-P032"), Severity::error) << detail;
    }
}

TEST_F(DevicesTest, UsbDeviceIsAWarning)
{
    add_device("hostdev", "usb", "1d6b:0002");
    EXPECT_EQ(severity("VMF-P033"), Severity::warn);
    EXPECT_THAT(errors(), ElementsAre());
}

TEST_F(DevicesTest, InterfacesMadeOfHardwareAreRefused)
{
    add_nic(NicKind::hostdev, "0000:03:10.0");
    EXPECT_THAT(errors(), ElementsAre("VMF-P031"));
    domain.nics.back().kind = NicKind::vdpa;
    EXPECT_THAT(errors(), ElementsAre("VMF-P032"));
}

TEST_F(DevicesTest, EmulatedTpmIsToldAndAnyOtherRefused)
{
    add_device("tpm", "emulator 2.0");
    EXPECT_EQ(severity("VMF-P020"), Severity::info);
    for (const char* detail : {"passthrough", "external", ""}) {
        domain.devices[0].detail = detail;
        EXPECT_EQ(severity("VMF-P020"), Severity::error) << detail;
    }
}

TEST_F(DevicesTest, FileSystemsOfTheHostAreRefused)
{
    for (const char* detail : {"virtiofs", "path", "mount", ""}) {
        domain.devices.clear();
        add_device("filesystem", detail, "/srv/share");
        EXPECT_EQ(severity("VMF-P021"), Severity::error) << detail;
    }
}

TEST_F(DevicesTest, SharedMemoryIsRefusedUnlessLibvirtCanMoveIt)
{
    add_device("shmem", "ivshmem-plain master", "shm0");
    EXPECT_EQ(severity("VMF-P022"), Severity::warn);
    for (const char* detail : {"ivshmem-plain peer", "ivshmem-doorbell ", "ivshmem master", ""}) {
        domain.devices[0].detail = detail;
        EXPECT_EQ(severity("VMF-P022"), Severity::error) << detail;
    }
}

TEST_F(DevicesTest, RedirectedDevicesAreWarnings)
{
    add_device("redirdev", "spicevmc");
    EXPECT_EQ(severity("VMF-P024"), Severity::warn);
    domain.devices[0].kind = "smartcard";
    EXPECT_EQ(severity("VMF-P024"), Severity::warn);
}

TEST_F(DevicesTest, DeviceOfAnUnknownKindIsRefused)
{
    for (const auto& [kind, detail] : {std::pair{"lease", "space"}, std::pair{"memory", "nvdimm"},
                                       std::pair{"memory", "sgx-epc"}, std::pair{"flux", "capacitor"}}) {
        domain.devices.clear();
        add_device(kind, detail);
        EXPECT_EQ(severity("VMF-P025"), Severity::error) << kind;
    }
}

TEST_F(DevicesTest, OrdinaryDevicesAreFine)
{
    add_device("memory", "dimm");
    add_device("memory", "virtio-mem");
    add_device("rng", "random", "/dev/urandom");
    add_device("serial", "pty", "/dev/pts/3");
    add_device("console", "pty", "/dev/pts/3");
    add_device("channel", "unix", "/var/lib/libvirt/qemu/channel/target/domain-1-web1/org.qemu.guest_agent.0");
    add_device("channel", "spicevmc");
    for (const auto& finding : all()) {
        EXPECT_TRUE(finding.severity == Severity::ok || finding.severity == Severity::info) << finding.id;
    }
}

TEST_F(DevicesTest, PathsOfTheHostAreWarningsEachOnce)
{
    add_device("serial", "file", "/var/log/web1.log");
    add_device("console", "file", "/var/log/web1.log");
    add_device("channel", "unix", "/run/mine.sock");
    add_device("parallel", "dev", "/dev/parport0");
    add_device("rng", "random", "/dev/hwrng");
    EXPECT_EQ(findings("VMF-P027").size(), 4U);
    EXPECT_THAT(errors(), ElementsAre());
}

TEST_F(DevicesTest, VsockAndAddedArgumentsAreWarnings)
{
    add_device("vsock", "cid 3");
    add_device("commandline", "-device x");
    EXPECT_EQ(severity("VMF-P025"), Severity::warn);
    EXPECT_EQ(severity("VMF-P028"), Severity::warn);
}

TEST_F(DevicesTest, FixedPortsAreListed)
{
    domain.fixed_ports = {"vnc 5901", "serial tcp 0.0.0.0:4444"};
    EXPECT_EQ(severity("VMF-P023"), Severity::warn);
    EXPECT_THAT(finding("VMF-P023").message, HasSubstr("vnc 5901, serial tcp 0.0.0.0:4444"));
}

}  // namespace
}  // namespace vmferry::checks
