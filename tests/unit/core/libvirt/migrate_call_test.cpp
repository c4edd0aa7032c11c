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

}  // namespace
}  // namespace vmferry::libvirt
