#include "journal/entry.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace vmferry::journal {

TEST(EntryKind, EveryNameIsReadBackAsItsKind)
{
    for (int i = 0; i <= static_cast<int>(Kind::end); ++i) {
        const auto kind = static_cast<Kind>(i);
        const auto parsed = parse_kind(to_string(kind));
        ASSERT_TRUE(parsed.has_value());
        EXPECT_EQ(*parsed, kind);
    }
}

TEST(EntryKind, AnUnknownNameIsAnErrorOfTheJournal)
{
    const auto parsed = parse_kind("begin");
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().kind(), ErrorKind::journal);
}

TEST(Actor, NamesThisProcess)
{
    const Actor actor = Actor::of_this_process();
    EXPECT_EQ(actor.uid, ::getuid());
    EXPECT_EQ(actor.pid, ::getpid());
    EXPECT_FALSE(actor.machine.empty());
}

TEST(Actor, TakesTheSudoUserFromTheEnvironment)
{
    ::setenv("SUDO_USER", "alice", 1);
    EXPECT_EQ(Actor::of_this_process().sudo_user, "alice");
    ::unsetenv("SUDO_USER");
    EXPECT_EQ(Actor::of_this_process().sudo_user, "");
}

TEST(Actor, TakesTheInvocationOfTheUnitFromTheEnvironment)
{
    ::setenv("INVOCATION_ID", "0123456789abcdef", 1);
    EXPECT_EQ(Actor::of_this_process().invocation, "0123456789abcdef");
    ::unsetenv("INVOCATION_ID");
    EXPECT_EQ(Actor::of_this_process().invocation, "");
}

TEST(Actor, SurvivesJson)
{
    Actor actor = Actor::of_this_process();
    actor.invocation = "0123456789abcdef";
    actor.sudo_user = "bob";
    actor.login_uid = 1000;
    const Actor back = Actor::from_json(actor.to_json());
    EXPECT_EQ(back.to_json(), actor.to_json());
}

TEST(Actor, OddJsonGivesDefaults)
{
    for (const char* text : {"null", "[]", "{\"uid\":\"root\",\"pid\":1.5,\"machine\":7}"}) {
        const Actor actor = Actor::from_json(Json::parse(text));
        EXPECT_EQ(actor.to_json(), Actor().to_json()) << text;
    }
}

}  // namespace vmferry::journal
