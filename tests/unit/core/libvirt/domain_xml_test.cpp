#include "core/libvirt/domain_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmferry::libvirt {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

/// A guest with one of everything that a reader has to know.
constexpr const char* k_rich = R"(<domain type='kvm' id='3'>
  <name>web1</name>
  <uuid>8A5632D9-963A-4215-97A9-89D11C827058</uuid>
  <memory unit='GiB'>4</memory>
  <currentMemory unit='KiB'>2097152</currentMemory>
  <memoryBacking><hugepages><page size='1' unit='GiB'/></hugepages></memoryBacking>
  <vcpu placement='static' current='2'>4</vcpu>
  <cputune><vcpupin vcpu='0' cpuset='1'/></cputune>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>/nvram/web1.fd</nvram>
  </os>
  <cpu mode='custom' match='exact' check='full'><model>EPYC</model><feature policy='require' name='invtsc'/></cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/pool/web1.qcow2' index='1'/>
      <backingStore type='file'><format type='raw'/><source file='/pool/base.raw'/><backingStore/></backingStore>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='block' device='lun'><driver name='qemu' type='raw'/><source dev='/dev/mapper/x'/>
      <target dev='sda' bus='scsi'/><shareable/></disk>
    <disk type='network' device='disk'><driver name='qemu' type='raw'/>
      <source protocol='rbd' name='pool/img'><host name='ceph1' port='6789'/><host name='ceph2'/><encryption format='luks'/></source>
      <target dev='vdb' bus='virtio'/><transient/></disk>
    <disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vdc'/></disk>
    <disk type='file' device='cdrom'><source file='/iso/x.iso' startupPolicy='optional'/><target dev='sdb'/><readonly/></disk>
    <disk type='file' device='cdrom'><target dev='sdc'/><readonly/></disk>
    <interface type='bridge'><mac address='52:54:00:AA:bb:01'/><source bridge='br0'/><model type='virtio'/><filterref filter='clean-traffic'/></interface>
    <interface type='network'><mac address='52:54:00:aa:bb:02'/><source network='lan' portid='x' bridge='virbr0'/></interface>
    <interface type='direct'><mac address='52:54:00:aa:bb:03'/><source dev='eth0' mode='bridge'/></interface>
    <interface type='hostdev'><mac address='52:54:00:aa:bb:04'/><source><address type='pci' domain='0x0000' bus='0x01' slot='0x10' function='0x1'/></source></interface>
    <hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x02' slot='0x00' function='0x0'/></source></hostdev>
    <hostdev mode='subsystem' type='usb'><source><vendor id='0x1d6b'/><product id='0x0002'/></source></hostdev>
    <filesystem type='mount'><driver type='virtiofs'/><source dir='/export'/><target dir='x'/></filesystem>
    <shmem name='shared' role='peer'><model type='ivshmem-plain'/></shmem>
    <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
    <graphics type='vnc' port='5901' autoport='no'/>
    <graphics type='spice' port='5902' autoport='yes'/>
    <serial type='tcp'><source mode='bind' host='0.0.0.0' service='4444'/><target port='0'/></serial>
    <console type='tcp'><source mode='connect' host='1.2.3.4' service='5555'/></console>
  </devices>
  <launchSecurity type='sev'/>
</domain>)";

TEST(DomainXml, ReadsWhatTheDefinitionSays)
{
    const auto facts = read_domain(k_rich);
    ASSERT_TRUE(facts) << facts.error().text();
    EXPECT_EQ(facts->uuid.str(), "8a5632d9-963a-4215-97a9-89d11c827058");
    EXPECT_EQ(facts->name, "web1");
    EXPECT_EQ(facts->virt_type, "kvm");
    EXPECT_EQ(facts->arch, "x86_64");
    EXPECT_EQ(facts->machine, "pc-q35-7.2");
    EXPECT_EQ(facts->emulator, "/usr/bin/qemu-system-x86_64");
    EXPECT_EQ(facts->cpu_mode, "custom");
    EXPECT_THAT(facts->cpu_xml, testing::StartsWith("<cpu mode=\"custom\""));
    EXPECT_EQ(facts->memory_bytes, 4ULL << 30);
    EXPECT_EQ(facts->hugepage_size_bytes, 1ULL << 30);
    EXPECT_EQ(facts->vcpus, 4U);
    EXPECT_EQ(facts->loader, "/usr/share/OVMF/OVMF_CODE_4M.fd");
    EXPECT_EQ(facts->nvram, "/nvram/web1.fd");
    EXPECT_EQ(facts->nvram_template, "/usr/share/OVMF/OVMF_VARS_4M.fd");
    EXPECT_TRUE(facts->launch_security);
    EXPECT_TRUE(facts->invtsc);
    EXPECT_TRUE(facts->numa_pinned);
    EXPECT_THAT(facts->fixed_ports, ElementsAre("serial tcp 0.0.0.0:4444", "vnc 5901"));
}

TEST(DomainXml, ReadsEachKindOfDisk)
{
    const auto facts = read_domain(k_rich);
    ASSERT_TRUE(facts);
    ASSERT_EQ(facts->disks.size(), 6U);
    const auto& disks = facts->disks;
    EXPECT_EQ(disks[0].kind, model::DiskKind::file);
    EXPECT_EQ(disks[0].source, "/pool/web1.qcow2");
    EXPECT_EQ(disks[0].format, "qcow2");
    EXPECT_EQ(disks[0].cache, "none");
    EXPECT_EQ(disks[0].backing, "/pool/base.raw");
    EXPECT_EQ(disks[1].kind, model::DiskKind::block);
    EXPECT_EQ(disks[1].device, "lun");
    EXPECT_EQ(disks[1].source, "/dev/mapper/x");
    EXPECT_TRUE(disks[1].shareable);
    EXPECT_EQ(disks[2].kind, model::DiskKind::network);
    EXPECT_EQ(disks[2].source, "rbd://ceph1:6789/pool/img");
    EXPECT_EQ(disks[2].protocol, "rbd");
    EXPECT_TRUE(disks[2].encrypted);
    EXPECT_TRUE(disks[2].transient);
    EXPECT_EQ(disks[3].kind, model::DiskKind::volume);
    EXPECT_EQ(disks[3].source, "p/v");
    EXPECT_EQ(disks[3].device, "disk");
    EXPECT_EQ(disks[4].startup_policy, "optional");
    EXPECT_TRUE(disks[4].read_only);
    EXPECT_EQ(disks[5].source, "");
}

TEST(DomainXml, ReadsInterfacesAndDevices)
{
    const auto facts = read_domain(k_rich);
    ASSERT_TRUE(facts);
    ASSERT_EQ(facts->nics.size(), 4U);
    EXPECT_EQ(facts->nics[0].mac, "52:54:00:aa:bb:01");
    EXPECT_EQ(facts->nics[0].source, "br0");
    EXPECT_EQ(facts->nics[0].filter, "clean-traffic");
    EXPECT_EQ(facts->nics[1].kind, model::NicKind::network);
    EXPECT_EQ(facts->nics[1].source, "lan");
    EXPECT_EQ(facts->nics[2].source, "eth0");
    EXPECT_EQ(facts->nics[3].kind, model::NicKind::hostdev);
    EXPECT_EQ(facts->nics[3].source, "0000:01:10.1");
    std::vector<std::string> devices;
    for (const model::Device& device : facts->devices) {
        devices.push_back(device.kind + "|" + device.detail + "|" + device.source);
    }
    EXPECT_THAT(devices, UnorderedElementsAre("hostdev|pci|0000:02:00.0", "hostdev|usb|0x1d6b:0x0002",
                                              "filesystem|virtiofs|/export", "shmem|ivshmem-plain peer|shared",
                                              "tpm|emulator 2.0|", "serial|tcp|0.0.0.0", "console|tcp|1.2.3.4"));
}

TEST(DomainXml, FixedTscFrequencyMakesInvtscMovable)
{
    const auto facts = read_domain("<domain><name>a</name><uuid>8a5632d9-963a-4215-97a9-89d11c827058</uuid>"
                                   "<cpu><feature policy='require' name='invtsc'/></cpu>"
                                   "<clock><timer name='tsc' frequency='3000000000'/></clock></domain>");
    ASSERT_TRUE(facts);
    EXPECT_FALSE(facts->invtsc);
}

TEST(DomainXml, MacAddressesAreLowerCase)
{
    const auto macs = macs_of(k_rich);
    ASSERT_TRUE(macs);
    EXPECT_EQ(macs->front(), "52:54:00:aa:bb:01");
    EXPECT_EQ(macs->size(), 4U);
}

TEST(DomainXml, BrokenDocumentIsAnError)
{
    const std::string rich = k_rich;
    for (size_t length = 0; length < rich.size() - 1; length += 7) {
        EXPECT_FALSE(read_domain(rich.substr(0, length))) << length;
    }
    EXPECT_FALSE(read_domain("<pool><name>x</name></pool>"));
    EXPECT_FALSE(read_domain("<domain><name>x</name></domain>"));
    EXPECT_FALSE(read_domain("<domain><uuid>8a5632d9-963a-4215-97a9-89d11c827058</uuid></domain>"));
    EXPECT_FALSE(read_domain(std::string("\0\0\0", 3)));
}

TEST(DomainXml, FlippedBytesNeverCrash)
{
    const std::string rich = k_rich;
    for (size_t place = 0; place < rich.size(); place += 3) {
        for (const char wrong : {'<', '\0', '\xff', '&', '"'}) {
            std::string broken = rich;
            broken[place] = wrong;
            static_cast<void>(read_domain(broken));
        }
    }
}

}  // namespace
}  // namespace vmferry::libvirt
