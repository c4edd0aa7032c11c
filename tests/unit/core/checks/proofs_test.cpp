#include <atomic>
#include <stdexcept>
#include <thread>

#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using Verdict = DirectoryProof::Verdict;

TEST(Proofs, NothingIsProvedAtFirst)
{
    const Proofs proofs;
    EXPECT_FALSE(proofs.is_disk_shared("vda"));
    EXPECT_FALSE(proofs.is_nvram_shared());
    EXPECT_TRUE(proofs.may_nvram_be_at_target());
}

TEST(Proofs, OneDoubtOutweighsAnyProofInAnyOrder)
{
    Proofs proofs;
    proofs.disk_shared("vda", true);
    proofs.disk_shared("vda", false);
    proofs.disk_shared("vdb", false);
    proofs.disk_shared("vdb", true);
    proofs.disk_shared("vdc", true);
    EXPECT_FALSE(proofs.is_disk_shared("vda"));
    EXPECT_FALSE(proofs.is_disk_shared("vdb"));
    EXPECT_TRUE(proofs.is_disk_shared("vdc"));
}

TEST(Proofs, DirectoryIsProvedOnceForAllThreads)
{
    Proofs proofs;
    std::atomic<int> proved{0};
    std::atomic<int> shared{0};
    std::atomic<int> told{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const auto proof = proofs.directory("/srv/vm", [&]() -> DirectoryProof {
                ++proved;
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                return {Verdict::shared, {}, {"left"}};
            });
            shared += proof.verdict == Verdict::shared ? 1 : 0;
            told += proof.leftovers.empty() ? 0 : 1;
        });
    }
    threads.clear();
    EXPECT_EQ(proved, 1);
    EXPECT_EQ(shared, 8);
    EXPECT_EQ(told, 1);
}

TEST(Proofs, ProofThatBreaksProvesNothingForAnybody)
{
    Proofs proofs;
    const auto broken = []() -> DirectoryProof { throw std::runtime_error("boom"); };
    EXPECT_EQ(proofs.directory("/a", broken).verdict, Verdict::not_provable);
    EXPECT_EQ(proofs.directory("/a", broken).reason, "boom");
}

}  // namespace
}  // namespace vmferry::checks
