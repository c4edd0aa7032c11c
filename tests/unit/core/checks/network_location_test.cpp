#include "core/checks/network_location.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmferry::checks {
namespace {

using ::testing::ElementsAre;

TEST(NetworkLocation, IsSplit)
{
    const auto location = parse_location("iscsi://san:3260/iqn.2026-01.org:disk/1");
    EXPECT_EQ(location.protocol, "iscsi");
    EXPECT_THAT(location.hosts, ElementsAre("san"));
    EXPECT_EQ(location.name, "iqn.2026-01.org:disk/1");
    EXPECT_THAT(parse_location("rbd://mon1:6789,mon2,[fd00::3]:6789/pool/image").hosts,
                ElementsAre("mon1", "mon2", "fd00::3"));
    EXPECT_THAT(parse_location("rbd:///pool/image").hosts, ElementsAre());
    EXPECT_EQ(parse_location("/srv/vm").protocol, "");
}

TEST(NetworkLocation, SameServerForBothHostsIsNotDoubted)
{
    for (const char* location :
         {"iscsi://san:3260/iqn.x/1", "iscsi://10.0.0.5/iqn.x/1", "rbd://mon1/pool/image", "nbd://storage:10809/export",
          "gluster://g1/vol/a.qcow2", "nbd://[2001:db8::1]:10809/x", "nfs://nas/export/a.raw"}) {
        EXPECT_EQ(doubt_about(location, false), "") << location;
    }
    EXPECT_EQ(doubt_about("https://mirror/iso", true), "");
}

TEST(NetworkLocation, LoopbackInAnyDisguiseIsDoubted)
{
    for (const char* host :
         {"localhost", "LocalHost", "localhost.", "localhost.localdomain", "localhost6", "ip6-localhost",
          "db.localhost", "127.0.0.1", "127.1", "127.9.9.9", "2130706433", "0.0.0.0", "0x7f000001", "[::1]", "::1",
          "[::]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]"}) {
        const std::string where = std::string("nbd://") + host;
        EXPECT_NE(doubt_about(where + ":10809/x", false), "") << host;
        EXPECT_NE(doubt_about(where + "/x", false), "") << host;
    }
}

TEST(NetworkLocation, OneLoopbackServerOfSeveralIsEnough)
{
    EXPECT_NE(doubt_about("rbd://mon1:6789,127.0.0.1:6789/pool/image", false), "");
}

TEST(NetworkLocation, WhatDependsOnTheHostIsDoubted)
{
    for (const char* location : {"nbd+unix:///x?socket=/run/nbd.sock", "nbd:///run/nbd.sock/x", "rbd:///pool/image",
                                 "iscsi://169.254.1.1/iqn.x/1", "iscsi://[fe80::1%eth0]/iqn.x/1", "iscsi://san:3260/",
                                 "sheepdog://s/x", "vhost://s/x", "https://mirror/disk.raw", "://host/x"}) {
        EXPECT_NE(doubt_about(location, false), "") << location;
    }
}

TEST(NetworkLocation, NumericAddressIsKnown)
{
    EXPECT_TRUE(is_numeric_address("10.9.0.2"));
    EXPECT_TRUE(is_numeric_address("fd00::2"));
    EXPECT_TRUE(is_numeric_address("[fd00::2]"));
    EXPECT_FALSE(is_numeric_address("kvm2"));
    EXPECT_FALSE(is_numeric_address(""));
}

}  // namespace
}  // namespace vmferry::checks
