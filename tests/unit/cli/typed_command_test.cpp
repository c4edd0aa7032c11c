#include "cli/typed_command.hpp"

#include <gtest/gtest.h>

namespace vmferry::cli {

TEST(TypedCommand, CanBeTypedAgain)
{
    EXPECT_EQ(typed_command({"/usr/bin/vmferry", "migrate", "web1", "kvm2", "--bwlimit", "8MiB", "--tls"}),
              "vmferry migrate web1 kvm2 --bwlimit 8MiB --tls");
    EXPECT_EQ(typed_command({"vmferry", "migrate", "my vm", "it's", ""}), "vmferry migrate 'my vm' 'it'\\''s' ''");
}

TEST(TypedCommand, HasNoPassword)
{
    const std::string text = typed_command({"vmferry", "migrate", "-c", "qemu+tcp://alice:secret@kvm1/system", "web1"});
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    EXPECT_NE(text.find("kvm1"), std::string::npos) << text;
}

TEST(TypedCommand, OfThisProcess) { EXPECT_TRUE(typed_command().starts_with("vmferry")); }

}  // namespace vmferry::cli
