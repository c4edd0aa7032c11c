#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/units.hpp"
#include "core/checks/disks.hpp"
#include "core/checks/shared_directory.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

using model::FileSystem;
using model::ImageContents;

constexpr std::array<Topic, 4> k_topics{{
    {"VMF-S050", "the contents of disks could be looked into",
     "With --deep, the disks of a VM that is off are looked into by the plugin guestfs: partitions, file systems, "
     "operating system, all read-only. A disk in use is left alone: a file system that is mounted looks damaged "
     "from outside even when it is well. The plugin opens the images itself, so vmferry has to run where they are: "
     "on the source, or on a machine that sees the same directory, which is proved by a nonce. A warning says why "
     "nothing is known: the plugin is not installed (package vmferry-plugin-guestfs, or a build with "
     "libguestfs-dev), its appliance does not start (it needs a kernel in /boot that it may read; run "
     "libguestfs-test-tool), it took too long (timeout of [plugins] in the configuration), or an image made it "
     "fail. It never keeps a VM from being moved."},
    {"VMF-S051", "images are whole",
     "The image is opened as what the VM's definition says it is, never as what it looks like, and a qcow2 image is "
     "checked with qemu-img check. A warning means that it is damaged or cut off, or that an image it stands on is "
     "missing. Moving it would move the damage: restore it from a backup, or look with qemu-img check first."},
    {"VMF-S052", "file systems are whole",
     "Each file system is mounted read-only, as the guest's next start would mount it, and checked by its own "
     "checker; what these repair goes to a throw-away layer, and not to the disk. A warning means that the checker "
     "found damage that it does not repair by itself, or that it cannot be mounted. Start the VM and check the file "
     "system there, or restore it, before you rely on a copy. What has no checker here, or is encrypted, is said to "
     "be not checked."},
    {"VMF-S053", "an operating system is found",
     "What is installed on the disks, as their contents tell. When none is found although the VM has one, its disks "
     "may be encrypted, damaged, or not those that you think."},
}};
constexpr const Topic& k_look = k_topics[0];
constexpr const Topic& k_image = k_topics[1];
constexpr const Topic& k_file_system = k_topics[2];
constexpr const Topic& k_system = k_topics[3];

using Findings = std::vector<model::Finding>;

std::string come_again(const CheckContext& context)
{
    return fmt::format("run vmferry precheck {} {} --deep on {}", context.domain.name, context.target_facts.label,
                       context.source_facts.hostname);
}

/// Why this disk cannot be looked into from here; empty: it can.
std::string obstacle(CheckContext& context, const model::Disk& disk, Findings& findings)
{
    const Place place = place_of(disk);
    if (disk.encrypted) {
        return "it is encrypted";
    }
    if (disk.format != "raw" && disk.format != "qcow2") {
        return fmt::format("its format is '{}', neither raw nor qcow2", disk.format);
    }
    if (place == Place::block) {
        // A nonce cannot be written to a disk. Two machines of one name would be needed to be deceived by this.
        const std::string own = context.images->host_name();
        const bool here = !own.empty() && own == context.source_facts.hostname;
        return here && context.images->is_block_device(disk.source)
                   ? std::string()
                   : fmt::format("it is a block device of {}, where this vmferry does not run",
                                 context.source_facts.label);
    }
    const std::string directory = place == Place::file ? probe_directory(disk.source) : std::string();
    if (directory.empty()) {
        return "it is neither a file nor a block device";
    }
    const DirectoryProof proof = prove_directory_here(context, *context.images, directory);
    report_leftovers(k_look, context, proof, findings);
    return proof.verdict == DirectoryProof::Verdict::shared ? std::string() : proof.reason;
}

std::vector<model::InspectedImage> images_of(CheckContext& context, Findings& findings)
{
    std::vector<model::InspectedImage> images;
    for (const model::Disk& disk : context.domain.disks) {
        if (place_of(disk) == Place::none || is_removable_medium(disk)) {
            continue;
        }
        const std::string reason = obstacle(context, disk, findings);
        if (reason.empty()) {
            images.push_back({disk.target, disk.source, disk.format});
        } else {
            findings.push_back(
                info(k_look, subject_of(disk), fmt::format("not looked into: {}", reason), come_again(context)));
        }
    }
    return images;
}

Json facts_of(const ImageContents& image)
{
    Json partitions = Json::array();
    for (const model::Partition& one : image.partitions) {
        partitions.push_back({{"number", one.number},
                              {"start_bytes", one.start_bytes},
                              {"size_bytes", one.size_bytes},
                              {"type", one.type}});
    }
    return {{"capacity_bytes", image.capacity_bytes}, {"table", image.table}, {"partitions", std::move(partitions)}};
}

/// The command that shows the damage of that disk's image.
std::string show_damage(const CheckContext& context, const std::string& target)
{
    for (const model::Disk& disk : context.domain.disks) {
        if (disk.target == target) {
            return fmt::format("qemu-img check -f {} {}", disk.format, disk.source);
        }
    }
    return "vmferry explain VMF-S051";
}

model::Finding judge(const CheckContext& context, const ImageContents& image)
{
    const std::string subject = "disk " + image.disk;
    if (image.state == ImageContents::State::not_inspected) {
        return info(k_look, subject, fmt::format("not looked into: {}", image.reason));
    }
    if (image.state == ImageContents::State::damaged) {
        return warn(k_image, subject, fmt::format("the image is damaged: {}", image.reason),
                    show_damage(context, image.disk), facts_of(image));
    }
    if (image.blank || image.table.empty()) {
        const std::string_view what = image.blank ? "blank" : "no partition table";
        return ok(k_image, subject, fmt::format("{}, {}", format_size(image.capacity_bytes), what), facts_of(image));
    }
    return ok(k_image, subject,
              fmt::format("{}, {}, {} partition{}", format_size(image.capacity_bytes), image.table,
                          image.partitions.size(), image.partitions.size() == 1 ? "" : "s"),
              facts_of(image));
}

model::Finding judge(const FileSystem& system)
{
    const std::string subject = "contents " + system.device;
    const std::string what = fmt::format("{}{}, {}", system.type, system.label.empty() ? "" : " '" + system.label + "'",
                                         format_size(system.size_bytes));
    const std::string room = system.free_bytes ? fmt::format(" ({} free)", format_size(*system.free_bytes)) : "";
    Json facts{{"type", system.type},
               {"label", system.label},
               {"uuid", system.uuid},
               {"size_bytes", system.size_bytes},
               {"health", model::to_string(system.health)}};
    if (system.free_bytes) {
        facts["free_bytes"] = *system.free_bytes;
    }
    switch (system.health) {
    case FileSystem::Health::whole:
        return ok(k_file_system, subject, fmt::format("{}{}: whole", what, room), std::move(facts));
    case FileSystem::Health::damaged:
        return warn(k_file_system, subject, fmt::format("{}{}: damaged: {}", what, room, system.detail),
                    "check it in the guest, or restore it, before you rely on a copy", std::move(facts));
    case FileSystem::Health::not_checked: break;
    }
    if (system.type == "unknown") {
        return info(k_file_system, subject, fmt::format("{}: {}", format_size(system.size_bytes), system.detail), {},
                    std::move(facts));
    }
    return info(k_file_system, subject, fmt::format("{}{}: not checked: {}", what, room, system.detail), {},
                std::move(facts));
}

/// "12.5" is the whole product of some.
std::string product_of(const model::OperatingSystem& system)
{
    const bool named = std::any_of(system.product.begin(), system.product.end(),
                                   [](char one) { return std::isalpha(static_cast<unsigned char>(one)) != 0; });
    const std::string& name = system.distribution.empty() ? system.type : system.distribution;
    return named ? system.product : fmt::format("{}{}{}", name, system.product.empty() ? "" : " ", system.product);
}

model::Finding judge(const model::OperatingSystem& system)
{
    return ok(k_system, "system " + system.root,
              fmt::format("{}{}{}", product_of(system), system.architecture.empty() ? "" : ", " + system.architecture,
                          system.host_name.empty() ? "" : ", calls itself " + system.host_name),
              {{"type", system.type},
               {"distribution", system.distribution},
               {"version", system.version},
               {"architecture", system.architecture},
               {"host_name", system.host_name}});
}

void judge(const CheckContext& context, const model::Inspection& inspection, Findings& findings)
{
    for (const ImageContents& one : inspection.images) {
        findings.push_back(judge(context, one));
    }
    for (const FileSystem& one : inspection.file_systems) {
        findings.push_back(judge(one));
    }
    for (const model::OperatingSystem& one : inspection.systems) {
        findings.push_back(judge(one));
    }
    if (!inspection.incomplete.empty()) {
        findings.push_back(
            warn(k_look, "disks", "the look ended early: " + inspection.incomplete, "vmferry explain VMF-S050"));
    } else if (inspection.systems.empty()) {
        findings.push_back(info(k_system, "disks", "no operating system was found"));
    }
}

std::vector<model::Finding> run(CheckContext& context)
{
    if (context.images == nullptr) {
        return {not_applicable(k_look, "disks", "what is on the disks was not asked for (--deep)")};
    }
    if (context.domain.now.state != model::RunState::shut_off) {
        return {info(k_look, "disks",
                     "in use, and not looked into: a mounted file system cannot be judged from outside",
                     "ask again when the VM is off")};
    }
    if (context.domain.managed_save) {
        return {info(k_look, "disks", "not looked into: the VM's saved memory has their file systems mounted",
                     fmt::format("start {} and shut it down first", context.domain.name))};
    }
    Findings findings;
    const std::vector<model::InspectedImage> images = images_of(context, findings);
    if (images.empty()) {
        return or_not_applicable(std::move(findings), k_look, "disks", "the VM has no disk to look into");
    }
    const auto inspection = context.images->inspect(images);
    if (inspection) {
        judge(context, *inspection, findings);
    } else {
        const Error& why = inspection.error();
        findings.push_back(warn(k_look, "disks", fmt::format("not looked into: {}", why.text()),
                                why.next().empty() ? "vmferry explain VMF-S050" : why.next()));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(image_contents, k_topics, run);

}  // namespace vmferry::checks
