#include "core/base/signature.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string_view>

#include "core/base/handle.hpp"

namespace vmferry {
namespace {

using KeyHandle = Handle<EVP_PKEY, EVP_PKEY_free>;
using FileHandle = Handle<FILE, std::fclose>;

class SignatureTest : public testing::Test {
protected:
    void SetUp() override { ASSERT_NE(::mkdtemp(m_directory.data()), nullptr); }
    void TearDown() override { std::filesystem::remove_all(m_directory); }

    [[nodiscard]] std::string path(const std::string& name) const { return m_directory + "/" + name; }
    /// NAME and NAME.pub.
    void make_key(const std::string& name, const char* type = "ED25519") const
    {
        const KeyHandle key(std::string(type) == "ED25519" ? EVP_PKEY_Q_keygen(nullptr, nullptr, type)
                                                           : EVP_EC_gen("P-256"));
        ::umask(S_IRWXG | S_IRWXO);
        PEM_write_PrivateKey(FileHandle(std::fopen(path(name).c_str(), "w")).get(), key.get(), nullptr, nullptr, 0,
                             nullptr, nullptr);
        PEM_write_PUBKEY(FileHandle(std::fopen(path(name + ".pub").c_str(), "w")).get(), key.get());
    }

    std::string m_directory = "/tmp/signature-test-XXXXXX";
};

TEST_F(SignatureTest, GoodOnlyForTheSameBytesAndKey)
{
    make_key("mine");
    make_key("other");
    const auto signature = sign("the plan", path("mine"));
    ASSERT_TRUE(signature) << signature.error().text();
    EXPECT_TRUE(verify("the plan", *signature, path("mine.pub")));
    EXPECT_EQ(verify("the plot", *signature, path("mine.pub")).error().kind(), ErrorKind::denied);
    EXPECT_EQ(verify("the plan", *signature, path("other.pub")).error().kind(), ErrorKind::denied);
}

TEST_F(SignatureTest, OneChangedLetterOfTheSignatureIsSeen)
{
    make_key("mine");
    const Signature good = sign("the plan", path("mine")).value();
    for (size_t i = 0; i < good.value.size() - 2; ++i) {
        Signature bad = good;
        bad.value[i] = bad.value[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(verify("the plan", bad, path("mine.pub"))) << i;
    }
    for (const char* junk : {"", "A", "!!!!"}) {
        EXPECT_FALSE(verify("the plan", {good.key, junk}, path("mine.pub"))) << junk;
    }
    EXPECT_FALSE(verify("the plan", {good.key, std::string(good.value.size(), '=')}, path("mine.pub")));
}

// The last letter before the padding carries two bits of the signature and four that no decoder looks at.
TEST_F(SignatureTest, OneSignatureHasOneText)
{
    make_key("mine");
    const Signature good = sign("the plan", path("mine")).value();
    const size_t last = good.value.size() - 3;
    for (const char letter : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
        Signature other = good;
        other.value[last] = letter;
        EXPECT_EQ(verify("the plan", other, path("mine.pub")).has_value(), other.value == good.value) << letter;
    }
}

TEST_F(SignatureTest, WrongFilesAreNamed)
{
    make_key("ec", "EC");
    make_key("mine");
    std::ofstream(path("junk")) << "junk\n";
    for (const char* name : {"ec", "junk", "absent", "mine.pub"}) {
        const auto made = sign("x", path(name));
        ASSERT_FALSE(made) << name;
        EXPECT_EQ(made.error().kind(), ErrorKind::config);
        EXPECT_NE(made.error().what().find(path(name)), std::string::npos);
    }
    EXPECT_EQ(verify("x", {}, path("junk")).error().kind(), ErrorKind::config);
}

TEST_F(SignatureTest, KeyThatOthersCanReadIsRefused)
{
    make_key("mine");
    ::chmod(path("mine").c_str(), 0644);
    const auto made = sign("x", path("mine"));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().next(), "chmod 0600 " + path("mine"));
    ::chmod(path("mine").c_str(), 0640);
    EXPECT_TRUE(sign("x", path("mine")));
}

}  // namespace
}  // namespace vmferry
