#include "core/network/frames.hpp"

#include <gtest/gtest.h>

namespace vmferry::network {
namespace {

const MacAddress k_mac = MacAddress::parse("52:54:00:AA:bb:0c").value();

Frame from_hex(const std::string& text)
{
    Frame frame;
    for (size_t i = 0; i < text.size(); i += 2) {
        frame.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
    }
    return frame;
}

TEST(Frames, ReverseArpIsWhatQemuSends)
{
    Frame expected = from_hex("ffffffffffff525400aabb0c8035"
                              "0001080006040003525400aabb0c00000000525400aabb0c00000000");
    expected.resize(60);
    EXPECT_EQ(reverse_arp(k_mac), expected);
}

TEST(Frames, GratuitousArpNamesTheAddressTwice)
{
    Frame expected = from_hex("ffffffffffff525400aabb0c0806"
                              "0001080006040001525400aabb0cc0000211000000000000c0000211");
    expected.resize(60);
    EXPECT_EQ(gratuitous_arp(k_mac, {{192, 0, 2, 17}}), expected);
}

TEST(Frames, AdvertisementOverridesAndItsChecksumFits)
{
    const auto address = std::get<Ipv6Address>(parse_ip("2001:db8::17").value());
    const Frame frame = neighbour_advertisement(k_mac, address);
    ASSERT_EQ(frame.size(), 14U + 40U + 32U);
    EXPECT_EQ(Frame(frame.begin(), frame.begin() + 14), from_hex("333300000001525400aabb0c86dd"));
    EXPECT_EQ(frame[14 + 7], 255) << "hop limit";
    EXPECT_EQ(frame[54], 136) << "type";
    EXPECT_EQ(frame[58], 0x20) << "override, not solicited";
    EXPECT_EQ(Frame(frame.end() - 8, frame.end()), from_hex("0201525400aabb0c"));
    // With the checksum in place the sum over pseudo header and message is zero.
    Frame sum(frame.begin() + 22, frame.begin() + 54);
    const Frame rest = from_hex("000000200000003a");
    sum.insert(sum.end(), rest.begin(), rest.end());
    sum.insert(sum.end(), frame.begin() + 54, frame.end());
    EXPECT_EQ(internet_checksum(sum), 0);
}

TEST(Frames, ChecksumOfRfc1071)
{
    const Frame bytes = from_hex("0001f203f4f5f6f7");
    EXPECT_EQ(internet_checksum(bytes), static_cast<uint16_t>(~0xddf2 & 0xffff));
    EXPECT_EQ(internet_checksum(from_hex("01")), static_cast<uint16_t>(~0x0100 & 0xffff));
}

TEST(Frames, OnlyTheReplyOfTheWantedAddressCounts)
{
    const Ipv4Address wanted{{192, 0, 2, 17}};
    const Frame reply = from_hex("020000000001525400aabb0c0806"
                                 "0001080006040002525400aabb0cc0000211020000000001c0000201");
    EXPECT_EQ(arp_reply_for(wanted, reply), k_mac);
    EXPECT_FALSE(arp_reply_for({{192, 0, 2, 18}}, reply));
    EXPECT_FALSE(arp_reply_for(wanted, gratuitous_arp(k_mac, wanted))) << "a request is no answer";
    EXPECT_FALSE(arp_reply_for(wanted, std::span(reply).first(41)));
    EXPECT_FALSE(arp_reply_for(wanted, {}));
}

TEST(Address, MacsAreReadStrictly)
{
    EXPECT_EQ(k_mac.str(), "52:54:00:aa:bb:0c");
    for (const char* text : {"", "52:54:00:aa:bb", "52:54:00:aa:bb:cc:dd", "52-54-00-aa-bb-cc", "52:54:00:aa:bb:xx",
                             "52:54:00:aa:bb:-1", "5:254:00:aa:bb:cc"}) {
        EXPECT_FALSE(MacAddress::parse(text)) << text;
    }
}

TEST(Address, IpAddressesAreThoseOfOneHost)
{
    for (const char* text : {"192.0.2.17", "2001:db8::17", "fe80::1"}) {
        const auto address = parse_ip(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(to_string(*address), text);
    }
    for (const char* text : {"", "web1", "192.0.2", "192.0.2.17/24", "224.0.0.1", "255.255.255.255", "0.0.0.0",
                             "::", "ff02::1", "fe80::1%eth0"}) {
        EXPECT_FALSE(parse_ip(text)) << text;
    }
}

}  // namespace
}  // namespace vmferry::network
