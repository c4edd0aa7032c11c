// Goal: whatever another program does, we go on, and nothing of it is left. (What it is to hooks: hooks_test.)

#include "core/base/process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>
#include <fstream>
#include <thread>

namespace vmferry {
namespace {

using End = ProcessRun::End;

ProcessOrder confined(const std::string& script, Milliseconds limit = Milliseconds(10000))
{
    ProcessOrder order;
    order.words = {"/bin/sh", "-c", script};
    order.limit = limit;
    order.confined = true;
    order.limits = ProcessLimits{.memory_bytes = 256ULL << 20, .file_bytes = 1ULL << 20, .processes = 10000};
    return order;
}

ProcessRun run(const ProcessOrder& order, bool stop = false)
{
    auto done = run_process(order, [stop] { return stop; });
    EXPECT_TRUE(done) << done.error().text();
    return done.value_or(ProcessRun{});
}

/// False once it is gone, or waits for somebody to reap it.
bool lives(pid_t process)
{
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    file >> number >> name >> state;
    return static_cast<bool>(file) && state != "Z";
}

TEST(ProcessTest, WhatItSaysAndWhatItComplainsOfAreKeptApart)
{
    ProcessOrder order = confined("cat; echo trouble >&2");
    order.input = "question\n";
    const ProcessRun done = run(order);
    EXPECT_TRUE(done.good());
    EXPECT_EQ(done.output, "question\n");
    EXPECT_EQ(last_line_of(done.complaints), "trouble");
}

TEST(ProcessTest, GetsTheVariablesOfItsOrderAndPathOnly)
{
    ProcessOrder order = confined("/usr/bin/env");
    order.environment = {"LC_ALL=C"};
    ASSERT_EQ(::setenv("VMFERRY_SECRET", "x", 1), 0);
    const std::string seen = run(order).output;
    EXPECT_NE(seen.find("LC_ALL=C"), std::string::npos);
    EXPECT_NE(seen.find("PATH=/usr/sbin:"), std::string::npos);
    EXPECT_EQ(seen.find("VMFERRY_SECRET"), std::string::npos);
}

TEST(ProcessTest, OneThatHangsIsEndedAtItsLimit)
{
    const ProcessRun done = run(confined("trap '' TERM; while :; do sleep 0.1; done", Milliseconds(200)));
    EXPECT_EQ(done.end, End::timed_out);
    EXPECT_LT(done.took, Milliseconds(8000));
}

TEST(ProcessTest, OneThatFloodsIsEnded)
{
    const ProcessRun done = run(confined("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"));
    EXPECT_EQ(done.end, End::flooded);
    EXPECT_EQ(done.output.size(), 64U * 1024);
    EXPECT_NE(done.text().find("wrote more than 64.0 KiB"), std::string::npos) << done.text();
}

TEST(ProcessTest, AFloodThatEndsByItselfIsOneToo)
{
    EXPECT_EQ(run(confined("head -c 100000 /dev/zero")).end, End::flooded);
}

TEST(ProcessTest, AFloodOfComplaintsIsOnlyCut)
{
    const ProcessRun done = run(confined("head -c 1000000 /dev/zero >&2; echo answer"));
    EXPECT_TRUE(done.good()) << done.text();
    EXPECT_EQ(done.output, "answer\n");
    EXPECT_EQ(done.complaints.size(), 64U * 1024);
}

TEST(ProcessTest, OneThatCrashesIsToldByItsSignal)
{
    const ProcessRun done = run(confined("kill -SEGV $$"));
    EXPECT_EQ(done.end, End::signalled);
    EXPECT_EQ(done.text(), "was ended by SIGSEGV");
}

TEST(ProcessTest, NothingOfItsGroupOutlivesAConfinedOne)
{
    const ProcessRun done = run(confined("sleep 600 >/dev/null 2>&1 & echo $!"));
    EXPECT_TRUE(done.good());
    const pid_t left = std::stoi(done.output);
    for (int i = 0; i < 100 && lives(left); ++i) {
        std::this_thread::sleep_for(Milliseconds(20));
    }
    EXPECT_FALSE(lives(left));
}

TEST(ProcessTest, LimitsHoldForItAndWhatItStarts)
{
    // The input is what it waits for: only then the limits are sure to hold.
    ProcessOrder order = confined("read go; ulimit -v; ulimit -f; sh -c 'ulimit -v; ulimit -c'");
    order.input = "go\n";
    EXPECT_EQ(run(order).output, "262144\n2048\n262144\n0\n");
}

TEST(ProcessTest, OneThatWantsTooMuchMemoryDoesNotGetIt)
{
    ProcessOrder order = confined("read go; exec python3 -c 'print(len(bytearray(1 << 30)))'");
    order.input = "go\n";
    const ProcessRun done = run(order);
    EXPECT_FALSE(done.good());
    EXPECT_EQ(done.output, "");
}

TEST(ProcessTest, OneThatWritesATooLongFileIsEnded)
{
    ProcessOrder order = confined("read go; exec head -c 2000000 /dev/zero >/tmp/vmferry-process-test.$$");
    order.input = "go\n";
    const ProcessRun done = run(order);
    EXPECT_FALSE(done.good());
    run(confined("rm -f /tmp/vmferry-process-test.*"));
}

TEST(ProcessTest, AStopEndsIt) { EXPECT_EQ(run(confined("sleep 30"), true).end, End::stopped); }

TEST(ProcessTest, OneInOurGroupIsEndedAlone)
{
    ProcessOrder order = confined("sleep 30", Milliseconds(100));
    order.own_group = false;
    EXPECT_EQ(run(order).end, End::timed_out);
}

TEST(ProcessTest, WhatCannotBeStartedIsAnError)
{
    ProcessOrder order = confined("");
    order.words = {"/nonexistent"};
    const auto done = run_process(order, [] { return false; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind(), ErrorKind::failed);
    EXPECT_NE(done.error().next().find("/nonexistent"), std::string::npos);
}

TEST(ProcessTest, SignalsHaveNames) { EXPECT_EQ(signal_name(SIGSEGV), "SIGSEGV"); }

}  // namespace
}  // namespace vmferry
