#include "core/libvirt/bounded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace vmferry::libvirt {
namespace {

using namespace std::chrono_literals;

TEST(Bounded, GivesTheAnswer)
{
    EXPECT_EQ(*bounded(5s, []() -> Result<int> { return 7; }), 7);
    const auto failed = bounded(5s, []() -> Result<> { return fail(ErrorKind::busy, "b"); });
    EXPECT_EQ(failed.error().kind(), ErrorKind::busy);
}

TEST(Bounded, GivesUpAtTheLimitAndTheWorkGoesOn)
{
    const auto ended = std::make_shared<std::atomic<bool>>(false);
    const auto start = std::chrono::steady_clock::now();
    const auto answer = bounded(30ms, [ended]() -> Result<> {
        std::this_thread::sleep_for(150ms);
        ended->store(true);
        return {};
    });
    EXPECT_LT(std::chrono::steady_clock::now() - start, 140ms);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind(), ErrorKind::unknown);
    EXPECT_THAT(answer.error().what(), testing::HasSubstr("no answer within 30 ms"));
    for (int i = 0; i < 500 && !ended->load(); ++i) {
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_TRUE(ended->load());
}

TEST(Bounded, WhatTheWorkOwnsIsGoneWithTheAnswer)
{
    auto owned = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = owned;
    EXPECT_TRUE(bounded(5s, [held = std::move(owned)]() -> Result<> { return {}; }));
    EXPECT_TRUE(watch.expired());
}

TEST(Bounded, ExceptionIsAnError)
{
    const auto answer = bounded(5s, []() -> Result<> { throw std::runtime_error("ouch"); });
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind(), ErrorKind::internal);
}

TEST(Bounded, MayBeNested)
{
    const auto answer = bounded(5s, [] { return bounded(5s, []() -> Result<int> { return 3; }); });
    EXPECT_EQ(*answer, 3);
}

TEST(Bounded, ManyAtOnce)
{
    std::vector<std::thread> askers;
    std::atomic<int> sum{0};
    for (int i = 0; i < 32; ++i) {
        askers.emplace_back([&sum] {
            sum += *bounded(10s, []() -> Result<int> {
                std::this_thread::sleep_for(5ms);
                return 1;
            });
        });
    }
    for (std::thread& asker : askers) {
        asker.join();
    }
    EXPECT_EQ(sum.load(), 32);
}

TEST(Bounded, WorkersLeaveSignalsToOthers)
{
    const auto blocked = bounded(5s, []() -> Result<bool> {
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        return sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1;
    });
    EXPECT_TRUE(*blocked);
}

}  // namespace
}  // namespace vmferry::libvirt
