#include "core/relay/frame.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/relay/wire.hpp"

namespace vmferry::relay::test {
namespace {

/// Puts together what the reader took apart.
struct Collector final : FrameSink {
    bool frame_begins(const FrameHeader& header, Bytes wire) override
    {
        headers.push_back(header);
        bytes.insert(bytes.end(), wire.begin(), wire.end());
        return header.procedure != refused;
    }
    void frame_payload(Bytes payload) override { bytes.insert(bytes.end(), payload.begin(), payload.end()); }
    void frame_ends() override { ++ended; }

    std::vector<FrameHeader> headers;
    Wire bytes;
    size_t ended = 0;
    uint32_t refused = 0xffffffff;
};

FrameHeader good_header() { return {28, k_program_remote, 1, 306, FrameType::reply, 7, 0}; }

bool accepted(const FrameHeader& header)
{
    Collector sink;
    FrameReader reader;
    return reader.feed(header.encode(), sink);
}

TEST(Frame, HeaderSurvivesEncodingAndDecoding)
{
    const FrameHeader header{0x01020304, k_program_keepalive, 1, 306, FrameType::stream, 0xfffffffe, 2};
    const FrameHeader again = FrameHeader::decode(header.encode());
    EXPECT_EQ(again.length, header.length);
    EXPECT_EQ(again.program, header.program);
    EXPECT_EQ(again.procedure, header.procedure);
    EXPECT_EQ(again.type, header.type);
    EXPECT_EQ(again.serial, header.serial);
    EXPECT_EQ(again.status, header.status);
}

TEST(Frame, WordsAreBigEndian)
{
    const auto wire = good_header().encode();
    EXPECT_EQ(wire[3], std::byte{28});
    EXPECT_EQ(wire[4], std::byte{0x20});
    EXPECT_EQ(wire[7], std::byte{0x86});
    EXPECT_EQ(wire[14], std::byte{1});
    EXPECT_EQ(wire[15], std::byte{50});
}

TEST(Frame, DialogueIsReadTheSameAtEverySplit)
{
    const Wire wire = client_opening() + finish_call();
    for (size_t split = 0; split <= wire.size(); ++split) {
        Collector sink;
        FrameReader reader;
        ASSERT_TRUE(reader.feed(Bytes(wire).first(split), sink));
        ASSERT_TRUE(reader.feed(Bytes(wire).subspan(split), sink));
        ASSERT_EQ(sink.headers.size(), 6u) << split;
        ASSERT_EQ(sink.ended, 6u) << split;
        ASSERT_EQ(sink.bytes, wire) << split;
    }
}

TEST(Frame, DialogueIsReadTheSameByteByByte)
{
    const Wire wire = target_opening() + finish_reply();
    Collector sink;
    FrameReader reader;
    for (const std::byte& byte : wire) {
        ASSERT_TRUE(reader.feed(Bytes(&byte, 1), sink));
    }
    EXPECT_EQ(sink.ended, 7u);
    EXPECT_EQ(sink.bytes, wire);
}

TEST(Frame, NoByteLeavesBeforeItsHeaderIsComplete)
{
    Collector sink;
    FrameReader reader;
    const Wire wire = finish_reply();
    ASSERT_TRUE(reader.feed(Bytes(wire).first(k_header_bytes - 1), sink));
    EXPECT_TRUE(sink.bytes.empty());
}

TEST(Frame, LengthBelowTheHeaderIsNotUnderstood)
{
    FrameHeader header = good_header();
    header.length = 27;
    EXPECT_FALSE(accepted(header));
    header.length = 0;
    EXPECT_FALSE(accepted(header));
}

TEST(Frame, LongestMessageOfLibvirtIsUnderstoodAndNotOneByteMore)
{
    FrameHeader header = good_header();
    header.length = k_frame_bytes_max;
    EXPECT_TRUE(accepted(header));
    ++header.length;
    EXPECT_FALSE(accepted(header));
}

TEST(Frame, AllProgramsOfTheDaemonAreUnderstood)
{
    for (const uint32_t program : {k_program_remote, k_program_qemu, k_program_lxc, k_program_keepalive}) {
        FrameHeader header = good_header();
        header.program = program;
        EXPECT_TRUE(accepted(header)) << program;
    }
}

TEST(Frame, UnknownWordsAreNotUnderstood)
{
    for (const auto& change : std::vector<void (*)(FrameHeader&)>{
             [](FrameHeader& h) { h.program = 0x20008089; }, [](FrameHeader& h) { h.version = 2; },
             [](FrameHeader& h) { h.status = 3; }, [](FrameHeader& h) { h.type = static_cast<FrameType>(7); }}) {
        FrameHeader header = good_header();
        change(header);
        EXPECT_FALSE(accepted(header));
    }
}

TEST(Frame, FramesThatCarryDescriptorsAreNotUnderstood)
{
    for (const FrameType type : {FrameType::call_with_fds, FrameType::reply_with_fds}) {
        FrameHeader header = good_header();
        header.type = type;
        EXPECT_FALSE(accepted(header));
    }
}

TEST(Frame, RefusalOfTheSinkEndsTheReading)
{
    Collector sink;
    sink.refused = k_procedure_finish3_params;
    FrameReader reader;
    const Wire wire = call(1, 1) + finish_call() + call(2, 2);
    EXPECT_FALSE(reader.feed(wire, sink));
    EXPECT_EQ(sink.headers.size(), 2u);
}

}  // namespace
}  // namespace vmferry::relay::test
