// Goal: whatever the disk does, what was acknowledged is there, what was refused is not, and the chain
// holds.
// Method: a fixed workload runs on a disk in memory that fails at its N-th call, for every N; then the
// power is lost in each way, the journal is opened again, and everything is looked at.

#include "crash_workload.hpp"

namespace vmferry::journal {

namespace {

using vmferry::support::CrashDisk;
using vmferry::support::Fault;
using vmferry::support::Survival;

struct PowerLoss {
    Survival survival;
    uint32_t seed;
};

const std::vector<PowerLoss> k_losses{
    {Survival::synced_only, 0}, {Survival::everything, 0}, {Survival::some, 1}, {Survival::some, 2}};
const std::vector<PowerLoss> k_hardest_losses{{Survival::synced_only, 0}, {Survival::some, 1}};

class Crash : public ::testing::Test {
protected:
    Crash() : path(directory / "journal.db")
    {
        open_or_die(path);
        fresh = read_file(path);
    }

    /// Runs the workload with a fault at `call`; false when it was over before.
    bool run(Fault fault, int64_t call, bool lasting, PowerLoss loss)
    {
        SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at call " + std::to_string(call) +
                     (lasting ? " lasting" : "") + ", loss " + std::to_string(static_cast<int>(loss.survival)) + "/" +
                     std::to_string(loss.seed));
        write_file(path, fresh);
        std::filesystem::remove(path + "-journal");
        Workload workload(path);
        bool fired = false;
        {
            CrashDisk disk;
            disk.arm(fault, call, lasting);
            const auto survivor = workload.run();
            fired = disk.fired();
            if (survivor && fault != Fault::crash) {
                disk.arm(Fault::none, 0);
                workload.check(*survivor, false);
            }
            unknowns += std::count_if(workload.writes().begin(), workload.writes().end(), [](const Write& write) {
                return !write.result && write.result.error().kind() == ErrorKind::unknown;
            });
            disk.power_loss(loss.survival, loss.seed);
        }
        const auto store = open_sqlite(path, Access::read_write);
        EXPECT_OK(store);
        if (store) {
            workload.check(**store, fault == Fault::crash);
        }
        return fired && !HasFailure();
    }

    /// For every call of the workload and every way to lose the power.
    void run_all(Fault fault, bool lasting, const std::vector<PowerLoss>& losses)
    {
        for (const PowerLoss loss : losses) {
            int64_t call = 1;
            while (run(fault, call, lasting, loss)) {
                ++call;
            }
            ASSERT_FALSE(HasFailure());
            EXPECT_GT(call, fault == Fault::no_space ? 50 : 200) << "the workload ended early";
        }
    }

    TempDir directory;
    std::string path;
    std::string fresh;
    std::ptrdiff_t unknowns = 0;
};

}  // namespace

TEST_F(Crash, WithoutAFaultEverythingIsAcknowledged)
{
    EXPECT_FALSE(run(Fault::none, 0, false, {Survival::synced_only, 0}));
    Workload workload(path);
    write_file(path, fresh);
    workload.run();
    for (const Write& write : workload.writes()) {
        EXPECT_OK(write.result);
    }
}

TEST_F(Crash, PowerLossAtEveryCallKeepsWhatWasAcknowledged) { run_all(Fault::crash, false, k_losses); }

TEST_F(Crash, AnErrorAtEveryCallLeavesAllOrNothing) { run_all(Fault::io_error, false, k_hardest_losses); }

TEST_F(Crash, AnErrorAfterEveryCallLeavesAllOrNothing) { run_all(Fault::late_io_error, false, k_hardest_losses); }

TEST_F(Crash, ADiskThatFailsForGoodAtEveryCallLeavesAllOrNothing)
{
    run_all(Fault::io_error, true, k_hardest_losses);
    run_all(Fault::late_io_error, true, k_hardest_losses);
    EXPECT_GT(unknowns, 0) << "some of these cannot be told, and are said to be so";
}

TEST_F(Crash, ADiskThatIsFullAtEveryWriteLeavesAllOrNothing)
{
    run_all(Fault::no_space, false, k_hardest_losses);
    run_all(Fault::no_space, true, k_hardest_losses);
}

TEST_F(Crash, ACrashDuringTheRecoveryFromACrashIsRecoveredToo)
{
    const HotJournal hot(directory);
    const std::string file = read_file(hot.path);
    const std::string journal = read_file(hot.path + "-journal");
    for (const PowerLoss loss : k_losses) {
        bool fired = true;
        for (int64_t call = 1; fired; ++call) {
            write_file(hot.path, file);
            write_file(hot.path + "-journal", journal);
            {
                CrashDisk disk;
                disk.arm(Fault::crash, call);
                static_cast<void>(open_sqlite(hot.path, Access::read_write));
                fired = disk.fired();
                disk.power_loss(loss.survival, loss.seed);
            }
            EXPECT_EQ(everything_in(*open_or_die(hot.path)), hot.truth) << "crash at call " << call;
        }
    }
}

}  // namespace vmferry::journal
