// The relay over a program's standard input and output, with a shell script in the place of ssh.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/core/relay/fakes.hpp"

namespace vmferry::relay::test {
namespace {

using testing::HasSubstr;

class RelaySsh : public testing::Test {
protected:
    RelaySsh() { EXPECT_NE(::mkdtemp(m_directory.data()), nullptr); }
    ~RelaySsh() override { std::filesystem::remove_all(m_directory); }

    /// A relay through a script; `body` runs with the arguments of ssh.
    Result<std::unique_ptr<Relay>> start(const std::string& body)
    {
        const std::string script = file("ssh");
        std::ofstream(script) << "#!/bin/sh\necho $$ > " << file("pid") << "\n" << body << "\n";
        ::chmod(script.c_str(), 0700);
        SshEndpoint ssh;
        ssh.host = "kvm2";
        ssh.user = "root";
        ssh.command = script;
        return Relay::start({ssh, "qemu:///system"}, [this](RelayEvent event) { events.add(event); });
    }
    [[nodiscard]] std::string file(const std::string& name) const { return m_directory + "/" + name; }
    [[nodiscard]] std::string content(const std::string& name) const
    {
        std::ifstream stream(file(name));
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    [[nodiscard]] pid_t child()
    {
        EXPECT_TRUE(eventually([&] { return content("pid").find('\n') != std::string::npos; }));
        return std::stoi(content("pid"));
    }

    EventLog events;

private:
    std::string m_directory = "/tmp/relay-test-XXXXXX";
};

TEST_F(RelaySsh, StandardInputAndOutputCarryTheDialogue)
{
    auto relay = start("exec cat");
    ASSERT_TRUE(relay) << relay.error().text();
    Peer client = connect_client(**relay);
    client.send(ping() + event(100000) + pong());
    EXPECT_EQ(client.receive((ping() + event(100000) + pong()).size()), ping() + event(100000) + pong());
}

TEST_F(RelaySsh, CommandLineIsLibvirts)
{
    auto relay = start("printf '%s\\n' \"$@\" > " + file("words") + "; exec cat");
    ASSERT_TRUE(relay);
    ASSERT_TRUE(eventually([&] { return content("words").find("fi'\n") != std::string::npos; }));
    EXPECT_THAT(content("words"), HasSubstr("-l\nroot\n-T\n-e\nnone\n--\nkvm2\nsh -c 'which virt-ssh-helper"));
}

TEST_F(RelaySsh, WhatSshSaysIsInTheError)
{
    auto relay = start("echo 'root@kvm2: Permission denied (publickey).' >&2; exit 255");
    ASSERT_TRUE(relay);
    ASSERT_TRUE(events.wait_for(RelayEvent::target_closed));
    ASSERT_TRUE((*relay)->failure());
    EXPECT_THAT((*relay)->failure()->text(), HasSubstr("ssh root@kvm2"));
    EXPECT_THAT((*relay)->failure()->text(), HasSubstr("Permission denied (publickey)."));
    EXPECT_EQ((*relay)->failure()->kind(), ErrorKind::unreachable);
}

TEST_F(RelaySsh, LongComplaintsAreCutToTheirEndAndMadePrintable)
{
    auto relay = start("yes noise | head -c 20000 >&2; printf 'the \\033[1mlast\\033[0m line\\n' >&2; exit 1");
    ASSERT_TRUE(relay);
    ASSERT_TRUE(events.wait_for(RelayEvent::target_closed));
    const std::string text = (*relay)->failure()->text();
    EXPECT_LT(text.size(), 2000u);
    EXPECT_THAT(text, HasSubstr("last"));
    EXPECT_EQ(text.find('\033'), std::string::npos);
}

TEST_F(RelaySsh, MissingProgramIsNamed)
{
    SshEndpoint ssh;
    ssh.host = "kvm2";
    ssh.command = "/nonexistent/ssh";
    const auto relay = Relay::start({ssh, "qemu:///system"}, [](RelayEvent) {});
    ASSERT_FALSE(relay);
    EXPECT_EQ(relay.error().kind(), ErrorKind::failed);
    EXPECT_THAT(relay.error().text(), HasSubstr("/nonexistent/ssh"));
}

TEST_F(RelaySsh, ProgramIsEndedAndReapedWithTheRelay)
{
    auto relay = start("exec cat");
    ASSERT_TRUE(relay);
    const pid_t pid = child();
    ASSERT_EQ(::kill(pid, 0), 0);
    relay->reset();
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(RelaySsh, ProgramThatIgnoresItsEndIsKilled)
{
    auto relay = start("trap '' TERM HUP; while :; do sleep 1; done");
    ASSERT_TRUE(relay);
    const pid_t pid = child();
    relay->reset();
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(RelaySsh, ProgramIsReapedAsSoonAsTheClientIsGone)
{
    auto relay = start("exec cat");
    ASSERT_TRUE(relay);
    const pid_t pid = child();
    Peer client = connect_client(**relay);
    client.send(ping());
    ASSERT_EQ(client.receive(ping().size()), ping());
    client.close();
    EXPECT_TRUE(eventually([&] { return ::kill(pid, 0) == -1; }));
}

TEST_F(RelaySsh, ProgramIsOutOfReachOfTheTerminal)
{
    auto relay = start("exec cat");
    ASSERT_TRUE(relay);
    const pid_t pid = child();
    EXPECT_EQ(::getsid(pid), pid);
    EXPECT_NE(::getpgid(pid), ::getpgrp());
}

TEST_F(RelaySsh, ProgramInheritsNoDescriptorOfOurs)
{
    auto relay =
        start("ls -l /proc/$$/fd > " + file("fds.tmp") + "; mv " + file("fds.tmp") + " " + file("fds") + "; exec cat");
    ASSERT_TRUE(relay);
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(file("fds")); }));
    const std::string fds = content("fds");
    size_t sockets = 0;
    for (size_t at = fds.find("socket:"); at != std::string::npos; at = fds.find("socket:", at + 1)) {
        ++sockets;
    }
    EXPECT_EQ(sockets, 2u) << fds;
    EXPECT_EQ(fds.find("eventfd"), std::string::npos) << fds;
}

TEST_F(RelaySsh, DeathOfSshDoesNotEndAHold)
{
    // The script plays the daemon: it swallows the call, answers it, and dies on our word.
    const Wire answer = finish_reply();
    std::ofstream(file("reply"), std::ios::binary)
        .write(reinterpret_cast<const char*>(answer.data()), static_cast<std::streamsize>(answer.size()));
    auto relay = start("head -c " + std::to_string(finish_call().size()) + " > /dev/null; cat " + file("reply") +
                       "; head -c 28 > /dev/null; exit 1");
    ASSERT_TRUE(relay);
    Peer client = connect_client(**relay);
    client.send(finish_call());
    ASSERT_TRUE(events.wait_for(RelayEvent::finish_held));
    client.send(pong());
    ASSERT_TRUE(events.wait_for(RelayEvent::target_closed));
    EXPECT_TRUE((*relay)->release());
    EXPECT_EQ(client.receive(answer.size()), answer);
}

}  // namespace
}  // namespace vmferry::relay::test
