#include "core/base/secret.hpp"

#include <gtest/gtest.h>

namespace vmferry {
namespace {

TEST(Secret, PasswordsOfUsersAreMasked)
{
    EXPECT_EQ(redact_uri("qemu+ssh://root:geheim@kvm1/system"), "qemu+ssh://root:***@kvm1/system");
    EXPECT_EQ(redact_uri("qemu+ssh://root:p@ss@kvm1/system"), "qemu+ssh://root:***@kvm1/system");
}

TEST(Secret, UsersWithoutPasswordStayReadable)
{
    EXPECT_EQ(redact_uri("qemu+ssh://root@kvm1/system"), "qemu+ssh://root@kvm1/system");
    EXPECT_EQ(redact_uri("qemu:///system"), "qemu:///system");
    EXPECT_EQ(redact_uri(""), "");
}

TEST(Secret, SecretParametersAreMasked)
{
    EXPECT_EQ(redact_uri("esx://h/?password=x&no_verify=1"), "esx://h/?password=***&no_verify=1");
    EXPECT_EQ(redact_uri("rbd://h/p?auth_secret=abc;mon=1"), "rbd://h/p?auth_secret=***;mon=1");
    EXPECT_EQ(redact_uri("https://h/?Token=abc"), "https://h/?Token=***");
    EXPECT_EQ(redact_uri("x://h/?a=1&passwd=2"), "x://h/?a=1&passwd=***");
}

TEST(Secret, KeyMaterialIsMasked)
{
    EXPECT_EQ(redact_uri("qemu+tls://h/system?private_key=abc").find("abc"), std::string::npos);
    EXPECT_EQ(redact_uri("rbd://h/p?key=abc").find("abc"), std::string::npos);
}

TEST(Secret, PathsOfKeysAreNoSecret)
{
    EXPECT_EQ(redact_uri("qemu+ssh://h/system?keyfile=/root/.ssh/id"), "qemu+ssh://h/system?keyfile=/root/.ssh/id");
    EXPECT_EQ(redact_uri("qemu+ssh://h/system?known_hosts=/x&no_tty=1"), "qemu+ssh://h/system?known_hosts=/x&no_tty=1");
}

}  // namespace
}  // namespace vmferry
