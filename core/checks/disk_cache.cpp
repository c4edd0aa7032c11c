#include <fmt/format.h>

#include <array>

#include "core/checks/disks.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 2> k_topics{{
    {"VMF-S014", "disk caches cannot show the target old data",
     "With cache 'none' or 'directsync' the emulator goes past the host's page cache, so both hosts "
     "always see what is on the storage. In every other mode, also when none is given (QEMU's default is "
     "writeback), the target may hold pages that it read before the source wrote them. libvirt accepts "
     "network disks in any mode, because they have no page cache, and other disks when QEMU can drop its "
     "cache at the switch (since QEMU 4.0); but the kernel only promises to try, and whether the file "
     "system is coherent cannot be seen from here. So this is an error. Set <driver cache='none'/> "
     "(virsh edit) and restart the guest at the next occasion. On coherent storage (a cluster file "
     "system, NFS with QEMU 4.0 or newer on both hosts) --accept VMF-S014 is reasonable and may be put "
     "into the configuration."},
    {"VMF-S015", "no disk uses cache 'unsafe'",
     "With cache 'unsafe' the emulator ignores all requests to flush, also the one at the end of a "
     "migration: what the source has not yet written stays in its memory, and the target continues on an "
     "incomplete disk. That holds for every kind of disk, also for those that libvirt calls safe. Change "
     "the mode (virsh edit: <driver cache='none'/>) and restart the guest before the move. Do not accept "
     "this error."},
}};
constexpr const Topic& k_cache = k_topics[0];
constexpr const Topic& k_unsafe = k_topics[1];
/// The first QEMU whose file driver drops the page cache when it takes an image over.
constexpr uint64_t k_drop_cache_version = 4'000'000;

bool goes_past_page_cache(const model::Disk& disk)
{
    // libvirt opens a shareable disk without cache when no mode is given.
    const bool given = !disk.cache.empty() && disk.cache != "default";
    return disk.cache == "none" || disk.cache == "directsync" || (disk.shareable && !given) ||
           place_of(disk) == Place::network;
}

/// The target writes its copy itself: there are no pages of another host's writes.
model::Finding judge_copied(const model::Disk& disk)
{
    return ok(k_cache, subject_of(disk), "the disk is copied: its cache holds what is written on the target",
              {{"copied", true}});
}

model::Finding judge(const CheckContext& context, const model::Disk& disk)
{
    const std::string mode = disk.cache.empty() ? "default (writeback)" : disk.cache;
    Json facts = {{"cache", mode}};
    if (disk.cache == "unsafe") {
        return error(k_unsafe, subject_of(disk),
                     "cache=unsafe: the last writes of the guest may never leave the source",
                     fmt::format("virsh edit {}: <driver cache='none'/> for {}, then restart it", context.domain.name,
                                 disk.target),
                     std::move(facts));
    }
    if (goes_past_page_cache(disk)) {
        return ok(k_cache, subject_of(disk), fmt::format("cache={}: no stale pages at the target", mode),
                  std::move(facts));
    }
    const bool drops = context.source_facts.hypervisor_version >= k_drop_cache_version &&
                       context.target_facts.hypervisor_version >= k_drop_cache_version;
    facts["drop_cache"] = drops;
    return error(
        k_cache, subject_of(disk),
        fmt::format("cache={}: {} may read stale pages unless the storage is coherent{}", mode,
                    context.target_facts.label, drops ? "" : ", and QEMU is too old to drop its cache at the switch"),
        fmt::format("virsh edit {}: <driver cache='none'/> for {}, then restart it; or, on coherent storage: {}",
                    context.domain.name, disk.target, accept_option(k_cache)),
        std::move(facts));
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Disk& disk : context.domain.disks) {
        if (needs_sharing(disk) && !disk.read_only) {
            const bool copied = copy_of(context, disk, k_cache, findings) != nullptr;
            findings.push_back(copied ? judge_copied(disk) : judge(context, disk));
        }
    }
    return or_not_applicable(std::move(findings), k_cache, "disks", "no disk that the guest can write");
}

}  // namespace

VMF_REGISTER_CHECK(disk_cache, k_topics, run);

}  // namespace vmferry::checks
