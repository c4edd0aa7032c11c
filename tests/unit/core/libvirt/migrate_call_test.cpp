#include "core/libvirt/migrate_call.hpp"

#include <gtest/gtest.h>

namespace vmferry::libvirt {
namespace {

TEST(MigrateFlags, SourceDefinitionIsNeverRemovedByLibvirt)
{
    for (const bool persist : {false, true}) {
        for (const bool live : {false, true}) {
            for (const bool unsafe : {false, true}) {
                world::MigrationRequest request;
                request.persist = persist;
                request.live = live;
                request.allow_unsafe = unsafe;
                const unsigned flags = migrate_flags(request);
                EXPECT_EQ(flags & VIR_MIGRATE_UNDEFINE_SOURCE, 0U);
                EXPECT_NE(flags & VIR_MIGRATE_PAUSED, 0U);
                EXPECT_NE(flags & VIR_MIGRATE_CHANGE_PROTECTION, 0U);
                EXPECT_NE(flags & VIR_MIGRATE_ABORT_ON_ERROR, 0U);
                EXPECT_EQ(flags & VIR_MIGRATE_PEER2PEER, 0U);
                EXPECT_EQ((flags & VIR_MIGRATE_PERSIST_DEST) != 0, persist);
                EXPECT_EQ((flags & VIR_MIGRATE_LIVE) != 0, live);
                EXPECT_EQ((flags & VIR_MIGRATE_UNSAFE) != 0, unsafe);
            }
        }
    }
}

TEST(MigrateFlags, TheTargetStartsByItselfOnlyOnRequest)
{
    world::MigrationRequest request;
    EXPECT_NE(migrate_flags(request) & VIR_MIGRATE_PAUSED, 0U);
    request.start_paused = false;
    EXPECT_EQ(migrate_flags(request) & VIR_MIGRATE_PAUSED, 0U);
}

TEST(MigrateFlags, TlsIsAskedForWhenThePlanSaysSoAndOnlyThen)
{
    world::MigrationRequest request;
    EXPECT_EQ(migrate_flags(request) & VIR_MIGRATE_TLS, 0U);
    request.tls = true;
    EXPECT_NE(migrate_flags(request) & VIR_MIGRATE_TLS, 0U);
}

TEST(MigrateFlags, TuningIsAskedForOnlyOnRequest)
{
    world::MigrationRequest request;
    EXPECT_EQ(migrate_flags(request) & (VIR_MIGRATE_AUTO_CONVERGE | VIR_MIGRATE_PARALLEL), 0U);
    request.auto_converge = true;
    EXPECT_NE(migrate_flags(request) & VIR_MIGRATE_AUTO_CONVERGE, 0U);
    EXPECT_EQ(migrate_flags(request) & VIR_MIGRATE_PARALLEL, 0U);
    request.connections = 4;
    EXPECT_NE(migrate_flags(request) & VIR_MIGRATE_PARALLEL, 0U);
}

TEST(MigrateFlags, DisksAreCopiedOnlyWhenTheyAreNamed)
{
    world::MigrationRequest request;
    const unsigned copying =
        VIR_MIGRATE_NON_SHARED_DISK | VIR_MIGRATE_NON_SHARED_INC | VIR_MIGRATE_NON_SHARED_SYNCHRONOUS_WRITES;
    request.synchronous_copies = true;
    EXPECT_EQ(migrate_flags(request) & copying, 0U);
    request.copies.push_back({"vdb", "/a", "raw", "/b", "raw", "", "", "", 1, 1, {}, {}});
    EXPECT_EQ(migrate_flags(request) & copying,
              unsigned{VIR_MIGRATE_NON_SHARED_DISK} | unsigned{VIR_MIGRATE_NON_SHARED_SYNCHRONOUS_WRITES});
    request.synchronous_copies = false;
    EXPECT_EQ(migrate_flags(request) & copying, unsigned{VIR_MIGRATE_NON_SHARED_DISK});
}

TEST(Tuning, NamesEachDiskThatIsCopied)
{
    ASSERT_EQ(virInitialize(), 0);
    world::MigrationRequest request;
    request.copies.push_back({"vda", "/a", "raw", "/b", "raw", "", "", "", 1, 1, {}, {}});
    request.copies.push_back({"vdc", "/c", "raw", "/d", "raw", "", "", "", 1, 1, {}, {}});
    TypedParameters parameters;
    ASSERT_TRUE(add_tuning(parameters, request));
    EXPECT_EQ(parameters.count(), 2U);
}

TEST(Tuning, ReachesTheParametersInLibvirtsUnits)
{
    ASSERT_EQ(virInitialize(), 0);  // As opening a connection does; before it libvirt has no place for errors.
    world::MigrationRequest request;
    TypedParameters none;
    ASSERT_TRUE(add_tuning(none, request));
    EXPECT_EQ(none.count(), 0U);
    request.connections = 4;
    request.bandwidth_bytes_per_s = 125'000'000;
    TypedParameters parameters;
    ASSERT_TRUE(add_tuning(parameters, request));
    EXPECT_EQ(parameters.number(VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS), 4);
    EXPECT_EQ(parameters.natural(VIR_MIGRATE_PARAM_BANDWIDTH), 119U);
}

}  // namespace
}  // namespace vmferry::libvirt
