#include <fmt/format.h>

#include <array>

#include "core/checks/block_identity.hpp"
#include "core/checks/disks.hpp"
#include "core/checks/network_location.hpp"
#include "core/checks/shared_directory.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-S008", "backing images are shared too",
     "An overlay holds only what changed; the rest is read from its backing image. If the target has "
     "another image of the same name there, a template that was rebuilt for instance, the guest reads a "
     "mixture of two disks. The image below each disk is therefore proved like the disk itself: nonce "
     "and look-up for a file, WWN or serial for a block device, location for a network image. An error "
     "means that it is not shared or that this could not be proved. Put it on storage that both hosts "
     "share, or merge it into the overlay first (virsh blockpull VM DISK --wait)."},
}};
constexpr const Topic& k_backing = k_topics[0];

/// Why the backing image is not proved to be shared; empty when it is.
std::string doubt_about_file(CheckContext& context, const std::string& path, std::vector<model::Finding>& findings)
{
    const std::string directory = probe_directory(path);
    if (directory.empty()) {
        return "a nonce cannot be written beside this path";
    }
    const DirectoryProof proof = prove_directory(context, directory);
    report_leftovers(k_backing, context, proof, findings);
    if (proof.verdict != DirectoryProof::Verdict::shared) {
        return proof.reason;
    }
    const auto found = context.target.datastore().file_exists(path);
    if (!found) {
        return fmt::format("{} could not look for it: {}", context.target_facts.label, found.error().what());
    }
    return *found ? std::string() : fmt::format("it is not found on {}", context.target_facts.label);
}

std::string doubt_about_image(CheckContext& context, const std::string& image, std::vector<model::Finding>& findings)
{
    switch (place_of(image)) {
    case Place::file: return doubt_about_file(context, image, findings);
    case Place::block: return compare_block_device(context, image).reason;
    case Place::network: return doubt_about(image, true);
    case Place::none:
    case Place::pool:
    case Place::other: break;
    }
    return "it is not a path or location";
}

void judge(CheckContext& context, const model::Disk& disk, std::vector<model::Finding>& findings)
{
    const std::string doubt = doubt_about_image(context, disk.backing, findings);
    if (!doubt.empty()) {
        context.proofs.disk_shared(disk.target, false);
        findings.push_back(error(
            k_backing, subject_of(disk),
            fmt::format("backing image {} is not proved to be shared: {}", disk.backing, doubt),
            fmt::format("put it on shared storage, or: virsh blockpull {} {} --wait", context.domain.name, disk.target),
            {{"backing", disk.backing}}));
        return;
    }
    findings.push_back(
        warn(k_backing, subject_of(disk),
             fmt::format("backing image {} is shared; images below it, if any, were not checked", disk.backing),
             fmt::format("qemu-img info -U --backing-chain {}: all of it must be shared", disk.source),
             {{"backing", disk.backing}}));
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Disk& disk : context.domain.disks) {
        if (!needs_sharing(disk) || disk.backing.empty()) {
            continue;
        }
        if (copy_of(context, disk, k_backing, findings) != nullptr) {
            findings.push_back(ok(k_backing, subject_of(disk),
                                  fmt::format("copied together with its backing image {}, as one image", disk.backing),
                                  {{"backing", disk.backing}}));
        } else {
            judge(context, disk, findings);
        }
    }
    return or_not_applicable(std::move(findings), k_backing, "disks", "no backing image");
}

}  // namespace

VMF_REGISTER_CHECK(backing_images, k_topics, run);

}  // namespace vmferry::checks
