#include "cli/own_child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/handle.hpp"

namespace vmferry::cli {

namespace {

std::string content_of(int file)
{
    std::string text;
    std::array<char, 4096> piece{};
    ::lseek(file, 0, SEEK_SET);
    for (ssize_t got = 0; (got = ::read(file, piece.data(), piece.size())) > 0;) {
        text.append(piece.data(), static_cast<size_t>(got));
    }
    return text;
}

/// Ours are blocked for the thread that takes signals; a child begins with none blocked.
Result<pid_t> spawn(std::vector<char*>& words, int output)
{
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    pid_t child = -1;
    const int problem = ::posix_spawn(&child, "/proc/self/exe", &files, &attributes, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    if (problem != 0) {
        return fail(Error(ErrorKind::failed, "vmferry cannot be started").with_cause(std::strerror(problem)));
    }
    return child;
}

}  // namespace

Result<ChildEnd> run_vmferry(const std::vector<std::string>& words)
{
    const Fd output(::memfd_create("vmferry-child", MFD_CLOEXEC));
    if (!output) {
        return fail(Error(ErrorKind::failed, "no memory for the words of a child").with_cause(std::strerror(errno)));
    }
    std::vector<std::string> all = {"vmferry"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> pointers;
    std::transform(all.begin(), all.end(), std::back_inserter(pointers), [](std::string& word) { return word.data(); });
    pointers.push_back(nullptr);
    VMF_TRY_ASSIGN(const pid_t child, spawn(pointers, output.get()));
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return fail(Error(ErrorKind::failed, "the child cannot be waited for").with_cause(std::strerror(errno)));
        }
    }
    ChildEnd end;
    end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    end.output = content_of(output.get());
    return end;
}

}  // namespace vmferry::cli
