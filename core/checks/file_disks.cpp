#include <fmt/format.h>

#include <array>

#include "core/checks/disks.hpp"
#include "core/checks/shared_directory.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 3> k_topics{{
    {"VMF-S001", "file disks lie on storage that both hosts share",
     "A memory migration leaves the disks where they are: the target opens the very same image that the "
     "source wrote. Whether a directory is shared is proved, not guessed from the kind of file system: "
     "vmferry writes a small volume with unguessable content through the source, reads it through the "
     "target and removes it; the journal knows of it first. An error means that both hosts answered and "
     "that the target sees another directory, so the guest would wake up on a different disk, or on "
     "none. A target that listed an NFS directory shortly before may not see a new file for half a "
     "minute: try once more then. Put the image on storage that both hosts mount at the same path, or "
     "let it be copied (--copy-storage). Do not accept this error: it is a proof, not a doubt. A symbolic "
     "link as the image itself is not followed: the proof speaks of the directory in which it lies."},
    {"VMF-S002", "the disk's image is found at the target",
     "A shared directory is not enough when the image itself is hidden there, for instance by another "
     "mount below or by a name that only the source knows. The target is asked through its storage pools "
     "whether it has a file of that path. An error means that the target did not find it or could not "
     "tell. Refresh the pool on the target (virsh pool-refresh) and look again; accept it by --accept "
     "VMF-S002 only when you have seen the file on the target yourself."},
    {"VMF-S007", "sharing of a file disk could be proved",
     "The nonce proof of VMF-S001 needs a directory in which libvirt may create a volume on the source "
     "and list it on the target. Where that is refused (read-only or root-squashed exports, a path that "
     "is not absolute, a host without storage driver) nothing is known about sharing, and what is not "
     "proved is not believed. Remove the cause given in the message. When you know for certain that both "
     "hosts see the same file, --accept VMF-S007 lets the move go on; libvirt's own check of the file "
     "system kind still applies."},
}};
constexpr const Topic& k_shared = k_topics[0];
constexpr const Topic& k_found = k_topics[1];
constexpr const Topic& k_provable = k_topics[2];

model::Finding not_shared(const CheckContext& context, const model::Disk& disk, const DirectoryProof& proof)
{
    return error(
        k_shared, subject_of(disk), fmt::format("not shared: {}: {}", disk.source, proof.reason),
        fmt::format("put the disk on storage that {} and {} share at the same path, or copy it: --copy-storage",
                    context.source_facts.label, context.target_facts.label),
        {{"path", disk.source}, {"shared", false}});
}

model::Finding not_proved(const model::Disk& disk, const std::string& reason)
{
    return error(
        k_provable, subject_of(disk), fmt::format("sharing of {} could not be proved: {}", disk.source, reason),
        fmt::format("remove the cause; only if you know that the file is shared: {}", accept_option(k_provable)),
        {{"path", disk.source}});
}

/// True when the target has the image.
bool look_at_target(CheckContext& context, const model::Disk& disk, std::vector<model::Finding>& findings)
{
    const std::string& target = context.target_facts.label;
    const std::string remedy = fmt::format("on {}: virsh pool-refresh the pool of {}", target, disk.source);
    const auto found = context.target.datastore().file_exists(disk.source);
    if (!found) {
        findings.push_back(unanswered(k_found, subject_of(disk), fmt::format("is {} on {}", disk.source, target),
                                      found.error(), model::Severity::error, remedy));
        return false;
    }
    if (!*found) {
        findings.push_back(error(k_found, subject_of(disk), fmt::format("{} is not found on {}", disk.source, target),
                                 remedy, {{"path", disk.source}}));
        return false;
    }
    findings.push_back(ok(k_found, subject_of(disk), fmt::format("{} is found on {}", disk.source, target)));
    return true;
}

void judge(CheckContext& context, const model::Disk& disk, std::vector<model::Finding>& findings)
{
    const std::string directory = probe_directory(disk.source);
    if (directory.empty()) {
        findings.push_back(not_proved(disk, "a nonce cannot be written beside this path"));
        context.proofs.disk_shared(disk.target, false);
        return;
    }
    if (copy_of(context, disk, k_shared, findings) != nullptr) {
        context.proofs.disk_copied(disk.target);
        findings.push_back(ok(
            k_shared, subject_of(disk),
            fmt::format("directory {} is not the one of {}: the disk is copied", directory, context.target_facts.label),
            {{"path", disk.source}, {"shared", false}}));
        return;
    }
    const DirectoryProof proof = prove_directory(context, directory);
    if (proof.verdict == DirectoryProof::Verdict::shared) {
        findings.push_back(ok(k_shared, subject_of(disk),
                              fmt::format("directory {} is shared by both hosts (nonce read through {})", directory,
                                          context.target_facts.label),
                              {{"path", disk.source}, {"shared", true}}));
    } else if (proof.verdict == DirectoryProof::Verdict::not_shared) {
        findings.push_back(not_shared(context, disk, proof));
    } else {
        findings.push_back(not_proved(disk, proof.reason));
    }
    report_leftovers(k_shared, context, proof, findings);
    const bool found = proof.verdict != DirectoryProof::Verdict::not_shared && look_at_target(context, disk, findings);
    context.proofs.disk_shared(disk.target, found && proof.verdict == DirectoryProof::Verdict::shared);
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Disk& disk : context.domain.disks) {
        if (needs_sharing(disk) && place_of(disk) == Place::file) {
            judge(context, disk, findings);
        }
    }
    return or_not_applicable(std::move(findings), k_shared, "disks", "no disk in a file");
}

}  // namespace

VMF_REGISTER_CHECK(file_disks, k_topics, run);

}  // namespace vmferry::checks
