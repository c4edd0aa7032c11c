// The redrawn lines at the end of a terminal: a pseudo-terminal of 20 columns stands for stderr.

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "cli/output.hpp"

namespace vmferry::cli {

namespace {

class StatusBlockTest : public testing::Test {
protected:
    void SetUp() override
    {
        ::setenv("TERM", "xterm", 1);
        winsize size{};
        size.ws_col = 20;
        size.ws_row = 24;
        int terminal = -1;
        ASSERT_EQ(::openpty(&m_master, &terminal, nullptr, nullptr, &size), 0);
        m_saved = ::dup(STDERR_FILENO);
        ::dup2(terminal, STDERR_FILENO);
        ::close(terminal);
    }
    void TearDown() override
    {
        restore();
        ::close(m_master);
    }
    void restore()
    {
        if (m_saved >= 0) {
            ::dup2(m_saved, STDERR_FILENO);
            ::close(m_saved);
            m_saved = -1;
        }
    }
    /// All that went to the terminal, which makes "\r\n" of each line end.
    std::string seen()
    {
        restore();
        std::string all;
        std::array<char, 4096> part{};
        ssize_t length = 0;
        while ((length = ::read(m_master, part.data(), part.size())) > 0) {
            all.append(part.data(), static_cast<size_t>(length));
        }
        return all;
    }

    int m_master = -1;
    int m_saved = -1;
};

void settle(Output& output)
{
    // A status is no item that drain() waits for.
    output.progress("");
    output.drain();
}

}  // namespace

TEST_F(StatusBlockTest, TwoLinesAreDrawnAnewInTheirPlace)
{
    {
        Output output;
        EXPECT_TRUE(output.redraws());
        output.status("pass 1\nsent at 9");
        settle(output);
        output.status("pass 2\nsent at 8");
        settle(output);
    }
    const std::string text = seen();
    EXPECT_NE(text.find("pass 1\r\nsent at 9\r\033[1A\033[J"), std::string::npos) << text;
    EXPECT_NE(text.find("\033[Jpass 2\r\nsent at 8"), std::string::npos) << text;
}

TEST_F(StatusBlockTest, OtherLinesPushItDown)
{
    {
        Output output;
        output.status("a\nb");
        settle(output);
        output.error("news\n");
        output.drain();
    }
    EXPECT_NE(seen().find("a\r\nb\r\033[1A\033[Jnews\r\na\r\nb"), std::string::npos);
}

TEST_F(StatusBlockTest, NoLineIsLongerThanTheTerminal)
{
    {
        Output output;
        output.status("0123456789012345678901234\nshort");
        settle(output);
    }
    EXPECT_NE(seen().find("0123456789012345678\r\nshort"), std::string::npos);
}

}  // namespace vmferry::cli
