#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.hpp"

namespace vmferry::journal {

namespace {

/// A child that waits until the pipe is closed.
struct Child {
    Child()
    {
        EXPECT_EQ(::pipe(ends), 0);
        pid = ::fork();
        if (pid == 0) {
            ::close(ends[1]);
            char byte = 0;
            [[maybe_unused]] const auto got = ::read(ends[0], &byte, 1);
            ::_exit(0);
        }
        ::close(ends[0]);
    }
    void end() const { ::close(ends[1]); }

    int ends[2] = {};
    pid_t pid = 0;
};

Worker worker_of(pid_t pid)
{
    Worker worker = Worker::of_this_process();
    std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    std::string field;
    for (int i = 3; i <= 22; ++i) {
        fields >> field;
    }
    worker.pid = pid;
    worker.start_ticks = std::stoll(field);
    return worker;
}

}  // namespace

TEST(Worker, ThisProcessIsAlive) { EXPECT_EQ(Worker::of_this_process().is_alive(), std::optional(true)); }

TEST(Worker, AnEndedProcessIsDeadEvenWhileItIsAZombie)
{
    const Child child;
    const Worker worker = worker_of(child.pid);
    EXPECT_EQ(worker.is_alive(), std::optional(true));
    child.end();
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(worker.is_alive(), std::optional(false)) << "a zombie does nothing any more";
    ::waitpid(child.pid, nullptr, 0);
    EXPECT_EQ(worker.is_alive(), std::optional(false));
}

TEST(Worker, APidUsedAgainIsNotTheOldProcess)
{
    Worker worker = Worker::of_this_process();
    --worker.start_ticks;
    EXPECT_EQ(worker.is_alive(), std::optional(false));
}

TEST(Worker, AProcessBeforeARebootIsDead)
{
    Worker worker = Worker::of_this_process();
    worker.boot_id = "00000000-0000-0000-0000-000000000000" + worker.boot_id.substr(36);
    EXPECT_EQ(worker.is_alive(), std::optional(false));
}

TEST(Worker, NothingIsSaidOfAnotherMachine)
{
    Worker worker = Worker::of_this_process();
    worker.boot_id = "00000000-0000-0000-0000-000000000000" + worker.boot_id.substr(36);
    worker.machine = "another";
    EXPECT_EQ(worker.is_alive(), std::nullopt);
}

TEST(Worker, NothingIsSaidOfAnotherPidNamespace)
{
    Worker worker = Worker::of_this_process();
    worker.boot_id = worker.boot_id.substr(0, 36) + "/pid:[1]";
    EXPECT_EQ(worker.is_alive(), std::nullopt);
}

}  // namespace vmferry::journal
