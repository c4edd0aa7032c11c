// Goal: a file that this machine sees is read and written as it is, holes included, and never another one.
// Method: real sparse files in a directory of their own.

#include "core/libvirt/local_image.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace vmferry::libvirt {
namespace {

class LocalImage : public testing::Test {
protected:
    LocalImage()
    {
        std::string name = "/tmp/vmferry-local-image-XXXXXX";
        m_directory = ::mkdtemp(name.data());
    }
    ~LocalImage() override { std::filesystem::remove_all(m_directory); }

    [[nodiscard]] std::string path(const std::string& name) const { return m_directory + "/" + name; }

    std::string make(const std::string& name, uint64_t length, const std::map<uint64_t, std::string>& data = {}) const
    {
        std::ofstream file(path(name), std::ios::binary);
        for (const auto& [at, bytes] : data) {
            file.seekp(static_cast<std::streamoff>(at));
            file << bytes;
        }
        file.close();
        std::filesystem::resize_file(path(name), length);
        return path(name);
    }

    static std::string content(const std::string& file)
    {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    static uint64_t allocated(const std::string& file)
    {
        struct stat status {};
        ::stat(file.c_str(), &status);
        return static_cast<uint64_t>(status.st_blocks) * 512;
    }

    static void copy(const std::string& from, const std::string& to)
    {
        auto reader = open_local_reader(from, local_stamp(from).value());
        auto writer = open_local_writer(to, local_stamp(to).value(), std::filesystem::file_size(from));
        ASSERT_TRUE(reader && writer);
        while (true) {
            const auto piece = (*reader)->next();
            ASSERT_TRUE(piece) << piece.error().text();
            if (piece->length == 0) {
                break;
            }
            ASSERT_TRUE((*writer)->put(*piece));
        }
        ASSERT_TRUE((*writer)->finish());
        EXPECT_TRUE((*writer)->sync().value());
    }

    std::string m_directory;
};

constexpr uint64_t k_mib = uint64_t{1} << 20;

TEST_F(LocalImage, HolesStayHoles)
{
    const std::string from = make("a", 64 * k_mib, {{0, "head"}, {20 * k_mib + 5, std::string(3 * k_mib, 'x')}});
    const std::string to = make("b", 1, {});
    copy(from, to);
    EXPECT_EQ(content(from), content(to));
    EXPECT_LE(allocated(to), allocated(from) * 102 / 100 + 65536);
}

TEST_F(LocalImage, WhatTheTargetHeldIsGone)
{
    const std::string from = make("a", 2 * k_mib, {{k_mib, "tail"}});
    const std::string to = make("b", 8 * k_mib, {{0, std::string(8 * k_mib, 'o')}});
    copy(from, to);
    EXPECT_EQ(content(from), content(to));
}

TEST_F(LocalImage, AFileThatChangedSinceIsRefused)
{
    const std::string file = make("a", k_mib);
    world::FileStamp stamp = local_stamp(file).value();
    ASSERT_TRUE(open_local_reader(file, stamp));
    stamp.modified = "1.000000001";
    EXPECT_FALSE(open_local_reader(file, stamp));
    EXPECT_FALSE(open_local_writer(file, stamp, k_mib));
}

TEST_F(LocalImage, ALinkIsNotFollowed)
{
    const std::string file = make("a", k_mib);
    std::filesystem::create_symlink(file, path("link"));
    EXPECT_EQ(local_stamp(path("link")).error().kind(), ErrorKind::not_found);
    EXPECT_FALSE(open_local_reader(path("link"), local_stamp(file).value()));
}

TEST_F(LocalImage, AFileThatBecomesShorterIsAnError)
{
    const std::string file = make("a", 12 * k_mib, {{0, std::string(12 * k_mib, 'x')}});
    auto reader = open_local_reader(file, local_stamp(file).value());
    ASSERT_TRUE(reader);
    ASSERT_TRUE((*reader)->next());
    std::filesystem::resize_file(file, k_mib);
    auto piece = (*reader)->next();
    // What is beyond the end looks like a hole, or gives nothing.
    EXPECT_TRUE(!piece || !piece->bytes);
}

TEST_F(LocalImage, APartOfTheContentIsNoWholeImage)
{
    const std::string to = make("b", 0);
    auto writer = open_local_writer(to, local_stamp(to).value(), 2 * k_mib);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->put({nullptr, k_mib}));
    EXPECT_FALSE((*writer)->finish());
}

TEST_F(LocalImage, WritingChangesTheStamp)
{
    const std::string file = make("a", k_mib);
    const world::FileStamp before = local_stamp(file).value();
    EXPECT_EQ(before.length_bytes, k_mib);
    ::usleep(20000);
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary) << "x";
    EXPECT_NE(local_stamp(file).value(), before);
}

}  // namespace
}  // namespace vmferry::libvirt
