#include "core/relay/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/base/assert.hpp"

extern char** environ;

namespace vmferry::relay {

namespace {

/// A pair of descriptors that cannot collide with 0, 1 and 2 of the child, whatever of ours is closed.
struct Pair {
    Fd ours;
    Fd theirs;
};

Fd above_stdio(int fd)
{
    Fd original(fd);
    return Fd(::fcntl(original.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

Result<Pair> make_pair(bool both_ways)
{
    std::array<int, 2> fds{-1, -1};
    const int made =
        both_ways ? ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) : ::pipe2(fds.data(), O_CLOEXEC);
    if (made != 0) {
        return fail(Error(ErrorKind::failed, "cannot make a pipe").with_cause(std::generic_category().message(errno)));
    }
    Pair pair{above_stdio(fds[0]), above_stdio(fds[1])};
    if (!pair.ours || !pair.theirs) {
        return fail(ErrorKind::failed, "cannot make a pipe: too many open files");
    }
    return pair;
}

/// posix_spawn's two argument blocks, so that no path forgets to free them.
class SpawnSetup {
public:
    SpawnSetup()
    {
        VMF_ASSERT(posix_spawn_file_actions_init(&m_actions) == 0);
        VMF_ASSERT(posix_spawnattr_init(&m_attributes) == 0);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&m_attributes, &none);
        posix_spawnattr_setsigdefault(&m_attributes, &all);
        posix_spawnattr_setflags(&m_attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup()
    {
        posix_spawn_file_actions_destroy(&m_actions);
        posix_spawnattr_destroy(&m_attributes);
    }
    void connect(int fd, int as) { VMF_ASSERT(posix_spawn_file_actions_adddup2(&m_actions, fd, as) == 0); }
    [[nodiscard]] int spawn(pid_t& pid, char* const* words, char* const* environment)
    {
        return posix_spawnp(&pid, words[0], &m_actions, &m_attributes, words, environment);
    }

private:
    posix_spawn_file_actions_t m_actions{};
    posix_spawnattr_t m_attributes{};
};

/// Our environment, except that messages come in English: people search the web for them.
std::vector<std::string> child_environment()
{
    std::vector<std::string> out{"LC_ALL=C"};
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        if (std::string_view(*entry).substr(0, 7) != "LC_ALL=") {
            out.emplace_back(*entry);
        }
    }
    return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

}  // namespace

Result<Spawned> spawn_program(const std::vector<std::string>& words)
{
    VMF_TRY_ASSIGN(Pair stream, make_pair(true));
    VMF_TRY_ASSIGN(Pair complaints, make_pair(false));
    VMF_ASSERT(::fcntl(complaints.ours.get(), F_SETFL, O_NONBLOCK) == 0);
    SpawnSetup setup;
    setup.connect(stream.theirs.get(), STDIN_FILENO);
    setup.connect(stream.theirs.get(), STDOUT_FILENO);
    setup.connect(complaints.theirs.get(), STDERR_FILENO);
    std::vector<std::string> arguments = words;
    std::vector<std::string> environment = child_environment();
    pid_t pid = -1;
    const int error = setup.spawn(pid, pointers_to(arguments).data(), pointers_to(environment).data());
    if (error != 0) {
        return fail(Error(ErrorKind::failed, fmt::format("cannot start '{}'", words.front()))
                        .with_cause(std::generic_category().message(error)));
    }
    return Spawned{pid, std::move(stream.ours), std::move(complaints.ours)};
}

}  // namespace vmferry::relay
