// A reader that does not read must never hold up whoever writes.

#include "cli/output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <future>
#include <string>

namespace vmferry::cli {

namespace {

/// stdout and stderr go into pipes for the time of a test.
class OutputTest : public testing::Test {
protected:
    void SetUp() override
    {
        for (const int fd : {1, 2}) {
            auto& saved = m_saved[static_cast<size_t>(fd)];
            std::array<int, 2> ends{};
            ASSERT_EQ(::pipe(ends.data()), 0);
            saved = ::dup(fd);
            ::dup2(ends[1], fd);
            ::close(ends[1]);
            m_read[static_cast<size_t>(fd)] = ends[0];
        }
    }

    void restore()
    {
        for (const int fd : {1, 2}) {
            int& saved = m_saved[static_cast<size_t>(fd)];
            if (saved >= 0) {
                ::dup2(saved, fd);
                ::close(saved);
                saved = -1;
            }
        }
    }

    void TearDown() override
    {
        restore();
        ::close(m_read[1]);
        ::close(m_read[2]);
    }

    /// All that was written, once nobody can write any more.
    std::string read_all(int fd)
    {
        restore();
        std::string all;
        std::array<char, 65536> part{};
        ssize_t length = 0;
        while ((length = ::read(m_read[static_cast<size_t>(fd)], part.data(), part.size())) > 0) {
            all.append(part.data(), static_cast<size_t>(length));
        }
        return all;
    }

    /// From stderr's pipe, until the text is there or nobody can write any more.
    std::string read_until(const std::string& end)
    {
        std::string all;
        std::array<char, 65536> part{};
        ssize_t length = 0;
        while (!all.ends_with(end) && (length = ::read(m_read[2], part.data(), part.size())) > 0) {
            all.append(part.data(), static_cast<size_t>(length));
        }
        return all;
    }

    std::array<int, 3> m_saved{-1, -1, -1};
    std::array<int, 3> m_read{-1, -1, -1};
};

}  // namespace

TEST_F(OutputTest, ResultsAndErrorsGoTheirWaysInOrder)
{
    {
        Output output;
        output.progress("one\n");
        output.result("result\n");
        output.error("two\n");
    }
    EXPECT_EQ(read_all(2), "one\ntwo\n");
    EXPECT_EQ(read_all(1), "result\n");
}

TEST_F(OutputTest, ASlowReaderNeverBlocksTheWriterAndLosesProgressOnly)
{
    const std::string line(4096, 'x');
    auto* output = new Output;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 10000; ++i) {
        output->progress(line);
    }
    output->error("the error\n");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
    // Beside the writer, which is not done before somebody reads: the pipe stays in place.
    auto reader = std::async(std::launch::async, [&] { return read_until("the error\n"); });
    delete output;
    const std::string all = reader.get();
    EXPECT_TRUE(all.ends_with("the error\n"));
    EXPECT_LT(all.size(), 10000 * line.size());
}

TEST_F(OutputTest, AReaderThatHasGoneIsNoError)
{
    ::signal(SIGPIPE, SIG_IGN);
    ::close(m_read[1]);
    m_read[1] = ::open("/dev/null", O_RDONLY);
    {
        Output output;
        output.result("nobody reads this\n");
        output.drain();
        output.result("nor this\n");
        output.error("but this\n");
    }
    EXPECT_EQ(read_all(2), "but this\n");
}

TEST_F(OutputTest, WithoutATerminalThereIsNoStatusLine)
{
    {
        Output output;
        output.status("pass 1");
        output.error("line\n");
    }
    EXPECT_EQ(read_all(2), "line\n");
}

}  // namespace vmferry::cli
