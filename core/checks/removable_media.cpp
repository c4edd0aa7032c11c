#include <fmt/format.h>

#include <array>

#include "core/checks/disks.hpp"
#include "core/checks/network_location.hpp"
#include "core/checks/shared_directory.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-S019", "media in CD-ROM and floppy drives are there at the target",
     "An inserted medium must be found at the target, or the target cannot start its copy of the VM; "
     "with startup policy 'optional' or 'requisite' libvirt would silently eject it instead. A medium "
     "that is found but lies in a directory that is not proved to be shared may be another file of the "
     "same name: the guest would read other bytes from an open disc. A drive of the host itself "
     "(/dev/sr0) cannot move. Eject what is not needed (virsh change-media VM DRIVE --eject --live), or "
     "copy the image to the same path on the target."},
}};
constexpr const Topic& k_medium = k_topics[0];

std::string eject_command(const CheckContext& context, const model::Disk& disk)
{
    return fmt::format("virsh change-media {} {} --eject --live", context.domain.name, disk.target);
}

model::Finding missing(const CheckContext& context, const model::Disk& disk)
{
    const std::string message = fmt::format("{} is not found on {}", disk.source, context.target_facts.label);
    if (disk.startup_policy == "optional" || disk.startup_policy == "requisite") {
        return warn(k_medium, subject_of(disk),
                    fmt::format("{}: libvirt will eject it (startup policy {})", message, disk.startup_policy),
                    eject_command(context, disk), {{"path", disk.source}});
    }
    return error(k_medium, subject_of(disk), message, eject_command(context, disk), {{"path", disk.source}});
}

void judge_file(CheckContext& context, const model::Disk& disk, std::vector<model::Finding>& findings)
{
    const auto found = context.target.datastore().file_exists(disk.source);
    if (!found) {
        findings.push_back(unanswered(k_medium, subject_of(disk),
                                      fmt::format("is {} on {}", disk.source, context.target_facts.label),
                                      found.error(), model::Severity::error, eject_command(context, disk)));
        return;
    }
    if (!*found) {
        findings.push_back(missing(context, disk));
        return;
    }
    const std::string directory = probe_directory(disk.source);
    const DirectoryProof proof = directory.empty() ? DirectoryProof{} : prove_directory(context, directory);
    report_leftovers(k_medium, context, proof, findings);
    if (proof.verdict == DirectoryProof::Verdict::shared) {
        findings.push_back(
            ok(k_medium, subject_of(disk),
               fmt::format("{} is found on {}, on shared storage", disk.source, context.target_facts.label)));
    } else {
        findings.push_back(warn(k_medium, subject_of(disk),
                                fmt::format("{} has a file {}, but it is not proved to be the same one",
                                            context.target_facts.label, disk.source),
                                eject_command(context, disk), {{"path", disk.source}}));
    }
}

void judge(CheckContext& context, const model::Disk& disk, std::vector<model::Finding>& findings)
{
    switch (place_of(disk)) {
    case Place::file: judge_file(context, disk, findings); return;
    case Place::network: {
        const std::string doubt = doubt_about(disk.source, true);
        findings.push_back(doubt.empty()
                               ? ok(k_medium, subject_of(disk), disk.source + " is the same for both hosts")
                               : error(k_medium, subject_of(disk),
                                       fmt::format("{} may be another medium at the target: {}", disk.source, doubt),
                                       eject_command(context, disk)));
        return;
    }
    case Place::block:
        findings.push_back(
            error(k_medium, subject_of(disk),
                  fmt::format("{} is a drive of {} and cannot move", disk.source, context.source_facts.label),
                  eject_command(context, disk)));
        return;
    case Place::none: findings.push_back(ok(k_medium, subject_of(disk), "empty")); return;
    case Place::pool:
    case Place::other: break;
    }
    findings.push_back(error(k_medium, subject_of(disk),
                             fmt::format("not known where its medium '{}' is at the target", disk.source),
                             eject_command(context, disk)));
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Disk& disk : context.domain.disks) {
        if (is_removable_medium(disk) || place_of(disk) == Place::none) {
            judge(context, disk, findings);
        }
    }
    return or_not_applicable(std::move(findings), k_medium, "media", "no CD-ROM or floppy drive");
}

}  // namespace

VMF_REGISTER_CHECK(removable_media, k_topics, run);

}  // namespace vmferry::checks
