#include "core/libvirt/image_owner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmferry::libvirt {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string domain_with(const std::string& labels, const std::string& disks = {})
{
    return "<domain type='kvm'><devices>" + disks + "</devices>" + labels + "</domain>";
}

std::string dac(const std::string& label, const std::string& relabel)
{
    return "<seclabel type='dynamic' model='dac' relabel='" + relabel + "'><label>" + label + "</label></seclabel>";
}

TEST(EmulatorOwner, IsTheDynamicLabelOfDac)
{
    const std::string apparmor = "<seclabel type='dynamic' model='apparmor' relabel='yes'><label>libvirt-1</label>"
                                 "</seclabel>";
    const auto owner = emulator_owner(domain_with(apparmor + dac("+64055:+108", "yes")));
    ASSERT_TRUE(owner && *owner);
    EXPECT_EQ((*owner)->user, "64055");
    EXPECT_EQ((*owner)->group, "108");
}

TEST(EmulatorOwner, IsNobodyWhereOwnersAreLeftAlone)
{
    for (const std::string& labels : {std::string(), dac("+64055:+64055", "no"), dac("+0:+0", "yes"),
                                      dac("libvirt-qemu:kvm", "yes"), dac("+64055", "yes"), dac("", "yes")}) {
        const auto owner = emulator_owner(domain_with(labels));
        ASSERT_TRUE(owner) << labels;
        EXPECT_FALSE(*owner) << labels;
    }
}

TEST(EmulatorOwner, SaysThatADefinitionIsBroken) { EXPECT_FALSE(emulator_owner("<domain>")); }

TEST(OwnImageFiles, AreThoseThatOnlyThisGuestWrites)
{
    const auto files = own_image_files(
        domain_with({}, "<disk type='file'><source file='/srv/a.raw'/></disk>"
                        "<disk type='file'><source file='/srv/iso'/><readonly/></disk>"
                        "<disk type='file'><source file='/srv/both'/><shareable/></disk>"
                        "<disk type='file'><source file='/srv/own'><seclabel model='dac' relabel='no'/></source></disk>"
                        "<disk type='file' device='cdrom'/>"
                        "<disk type='network'><source protocol='iscsi' name='x'/></disk>"));
    ASSERT_TRUE(files);
    EXPECT_THAT(*files, ElementsAre("/srv/a.raw"));
    const auto none = own_image_files(domain_with({}));
    ASSERT_TRUE(none);
    EXPECT_THAT(*none, IsEmpty());
}

}  // namespace
}  // namespace vmferry::libvirt
