// A program that reads too slowly loses progress, knows how much, and loses nothing else.

#include "cli/events.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <thread>

namespace vmferry::cli {

namespace {

std::string read_to_end(int fd)
{
    std::string all;
    std::array<char, 65536> part{};
    ssize_t length = 0;
    while ((length = ::read(fd, part.data(), part.size())) > 0) {
        all.append(part.data(), static_cast<size_t>(length));
    }
    return all;
}

std::vector<Json> documents(const std::string& text)
{
    std::vector<Json> all;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        all.push_back(Json::parse(line));
    }
    return all;
}

}  // namespace

TEST(EventsTest, ASlowReaderLosesProgressOnlyAndIsToldHowMuch)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    constexpr int k_progress = 5000;  // More than the pipe and the queue hold.
    std::string text;
    {
        auto events = std::make_unique<Events>(ends[1]);
        for (int i = 0; i < k_progress; ++i) {
            events->progress({}, Milliseconds(10));
        }
        events->warning("kept");
        std::thread reader([&] { text = read_to_end(ends[0]); });
        events->drain();
        events->progress({}, Milliseconds(10));
        events->result({{"schema", "vmferry.result/1"}});
        events.reset();
        ::close(ends[1]);
        reader.join();
    }
    ::close(ends[0]);
    const auto lines = documents(text);
    int64_t progress = 0;
    for (size_t i = 0; i < lines.size(); ++i) {
        EXPECT_EQ(lines[i].at("seq"), i);
        progress += lines[i].at("type") == "progress" ? 1 + lines[i].at("dropped").get<int64_t>() : 0;
    }
    EXPECT_EQ(progress, k_progress + 1) << "each is there or counted";
    EXPECT_LT(lines.size(), static_cast<size_t>(k_progress));
    EXPECT_EQ(lines.back().at("type"), "result");
    EXPECT_EQ(lines[lines.size() - 3].at("message"), "kept");
}

TEST(EventsTest, AReaderThatWentAwayHoldsNobodyUp)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ::close(ends[0]);
    ::signal(SIGPIPE, SIG_IGN);
    Events events(ends[1]);
    for (int i = 0; i < 1000; ++i) {
        events.warning("nobody hears this");
    }
    events.drain();
    ::close(ends[1]);
}

TEST(EventsTest, StepsAndThePointOfNoReturnComeFromTheJournal)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const Uuid transaction = Uuid::make_v7();
    {
        Events events(ends[1]);
        events.recorded(transaction, {journal::Kind::ledger, "marker:source", {}});
        events.recorded(transaction, {journal::Kind::note, "anything", {}});
        events.recorded(transaction, {journal::Kind::commit, "", {}});
        events.recorded(transaction, {journal::Kind::resumed, "", {}});
    }
    ::close(ends[1]);
    const auto lines = documents(read_to_end(ends[0]));
    ::close(ends[0]);
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[1].at("action"), "marker:source");
    EXPECT_EQ(lines[1].at("tx"), transaction.str());
    EXPECT_EQ(lines[2].at("type"), "commit");
    EXPECT_EQ(lines[3].at("type"), "pnr");
}

TEST(EventsTest, WhatCannotBeWrittenIsRefused)
{
    for (const char* where : {"fd:", "fd:9999", "fd:-1", "fd:1x", "/nonexistent/file"}) {
        EXPECT_FALSE(open_events(where)) << where;
    }
}

}  // namespace vmferry::cli
