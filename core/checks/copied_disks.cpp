#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/base/path.hpp"
#include "core/base/units.hpp"
#include "core/checks/disks.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

using model::DiskMove;

constexpr std::array<Topic, 3> k_topics{{
    {"VMF-S030", "the images of copied disks are new at the target",
     "With --copy-storage a disk that the hosts do not share is copied into an image that vmferry creates "
     "on the target, at the same path or where --map-storage says. libvirt would fill a file of that name "
     "without a word, so an error means that the target has one already, that two disks would become the "
     "same file, or that the target could not be asked. Look whose the file is, and remove it when nobody "
     "needs it, or name another directory with --map-storage."},
    {"VMF-S031", "the image of a copied disk is the VM's alone",
     "What is copied must be the image that the VM uses and is defined with, no other copy of it may be "
     "under way, and no other VM of the source may name it: the source's image goes when the VM has moved. The "
     "image of a VM that is off is copied as a file, so it must not stand on a backing image (qemu-img rebase -b '', "
     "or move the VM while it runs). "
     "An error says which of that does not hold. Correct the definition (virsh edit), end the block job "
     "(virsh blockjob), or let the other VM use an image of its own."},
    {"VMF-S032", "the target has room for the copied disks",
     "Each copy is as sparse as the original, and a chain of backing images becomes one image. An error "
     "means that the target's directory does not exist or has less room than is needed now; a warning, that "
     "it has less than the disks may grow to, so that the guest may later meet a full disk. A target that "
     "fills up while disks are copied ends the move, and the guest runs on where it is."},
}};
constexpr const Topic& k_new = k_topics[0];
constexpr const Topic& k_own = k_topics[1];
constexpr const Topic& k_room = k_topics[2];

struct Copied {
    const model::Disk* disk;
    const DiskMove* copy;
};
using Findings = std::vector<model::Finding>;

void judge_name(CheckContext& context, const Copied& one, const std::vector<Copied>& all, Findings& findings)
{
    const std::string& path = one.copy->to;
    const std::string& target = context.target_facts.label;
    const auto same =
        std::count_if(all.begin(), all.end(), [&](const Copied& other) { return other.copy->to == path; });
    if (same > 1) {
        findings.push_back(error(k_new, subject_of(*one.disk), fmt::format("two disks would become {}", path),
                                 "let them go into different directories: --map-storage", {{"path", path}}));
        return;
    }
    const auto exists = context.target.datastore().file_exists(path);
    if (!exists) {
        findings.push_back(unanswered(k_new, subject_of(*one.disk), fmt::format("does {} have {}", target, path),
                                      exists.error(), model::Severity::error,
                                      fmt::format("on {}: ls -l {}", target, path)));
    } else if (*exists) {
        findings.push_back(error(k_new, subject_of(*one.disk),
                                 fmt::format("{} exists on {} and is not overwritten", path, target),
                                 fmt::format("on {}: look whose it is; or choose another place: --map-storage", target),
                                 {{"path", path}, {"exists", true}}));
    } else {
        findings.push_back(ok(k_new, subject_of(*one.disk),
                              fmt::format("will be copied to {} on {} ({}, {})", path, target, one.copy->to_format,
                                          format_size(one.copy->capacity_bytes)),
                              {{"path", path}, {"exists", false}}));
    }
}

/// A file that stands on another one is no disk by itself. Of a VM that is off nobody merges them on the way.
std::string doubt_about_chain(const CheckContext& context, const Copied& one)
{
    world::Images* images = context.source.images();
    const auto file =
        images == nullptr ? fail(ErrorKind::failed, "images cannot be looked at") : images->look(one.copy->from);
    if (!file) {
        return fmt::format("it cannot be told whether it stands on another image: {}", file.error().text());
    }
    return file->backing.empty()
               ? ""
               : fmt::format("it stands on {}: the file alone is not the disk, and while the VM is off "
                             "nothing merges them",
                             file->backing);
}

/// Why it is not; empty when it is.
std::string doubt_about(const CheckContext& context, const Copied& one, const std::vector<world::DiskState>& states)
{
    const auto state = std::find_if(states.begin(), states.end(),
                                    [&](const world::DiskState& each) { return each.target == one.disk->target; });
    if (state == states.end() || (state->live.empty() ? state->inactive : state->live) != one.copy->from) {
        return fmt::format("the VM does not use {} any more", one.copy->from);
    }
    if (state->live.empty()) {
        return doubt_about_chain(context, one);
    }
    const bool other_path = state->inactive != state->live || state->inactive_format != state->live_format;
    if (context.domain.now.persistent && other_path) {
        return fmt::format("the VM uses {}, but is defined with {}", state->live, state->inactive);
    }
    return state->copy.empty() ? "" : fmt::format("it is being copied to {}", state->copy);
}

void judge_owner(CheckContext& context, world::Disks& disks, const Copied& one,
                 const std::vector<world::DiskState>& states, Findings& findings)
{
    const std::string subject = subject_of(*one.disk);
    if (const std::string doubt = doubt_about(context, one, states); !doubt.empty()) {
        findings.push_back(error(k_own, subject, doubt, fmt::format("virsh domblklist {}", context.domain.name)));
        return;
    }
    const auto users = disks.users_of(one.copy->from);
    if (!users) {
        findings.push_back(unanswered(k_own, subject, fmt::format("who uses {}", one.copy->from), users.error(),
                                      model::Severity::error, "the same command again"));
        return;
    }
    const auto other = std::find_if(users->begin(), users->end(),
                                    [&](const std::string& user) { return user != context.domain.name; });
    if (other != users->end()) {
        findings.push_back(error(k_own, subject, fmt::format("{} is used by {}, too", one.copy->from, *other),
                                 fmt::format("virsh domblklist {}", *other)));
    } else {
        findings.push_back(ok(k_own, subject, fmt::format("{} is the VM's alone", one.copy->from)));
    }
}

void judge_owners(CheckContext& context, const std::vector<Copied>& all, Findings& findings)
{
    world::Disks* disks = context.source.disks();
    const auto states = disks == nullptr ? fail(ErrorKind::failed, "its disks cannot be worked on")
                                         : disks->states(context.domain.uuid);
    if (!states) {
        findings.push_back(unanswered(k_own, "disks", "which images the VM uses", states.error(),
                                      model::Severity::error, "the same command again"));
        return;
    }
    for (const Copied& one : all) {
        judge_owner(context, *disks, one, *states, findings);
    }
}

/// By the guest, while its disk is copied.
constexpr uint64_t k_written_meanwhile_bytes = uint64_t{16} << 20;

struct Need {
    std::string subject;
    uint64_t now = 0;
    uint64_t at_most = 0;
};

/// A chain becomes one image, so it may take as much as the disk is large.
std::map<std::string, Need> needs_of(const std::vector<Copied>& all)
{
    std::map<std::string, Need> needs;
    for (const Copied& one : all) {
        Need& need = needs[directory_of(one.copy->to)];
        need.subject = need.subject.empty() ? subject_of(*one.disk) : "disks";
        const uint64_t capacity = one.copy->capacity_bytes;
        const uint64_t soon = std::min(capacity, one.copy->allocation_bytes + k_written_meanwhile_bytes);
        need.now += one.disk->backing.empty() ? soon : capacity;
        need.at_most += one.copy->capacity_bytes;
    }
    return needs;
}

void judge_room(CheckContext& context, const std::string& directory, const Need& need, Findings& findings)
{
    const std::string& target = context.target_facts.label;
    world::Disks* disks = context.target.disks();
    const auto place =
        disks == nullptr ? fail(ErrorKind::failed, "its disks cannot be worked on") : disks->place(directory);
    if (!place && place.error().kind() == ErrorKind::not_found) {
        findings.push_back(
            error(k_room, need.subject, fmt::format("there is no directory {} on {}", directory, target),
                  fmt::format("on {}: mkdir {}; or choose another place: --map-storage", target, directory)));
        return;
    }
    if (!place) {
        findings.push_back(unanswered(k_room, need.subject, fmt::format("how much room {} has", directory),
                                      place.error(), model::Severity::error,
                                      fmt::format("on {}: df {}", target, directory)));
        return;
    }
    const std::string left =
        fmt::format("{} on {} has {} left", directory, target, format_size(place->available_bytes));
    const std::string remedy = fmt::format("make room in {} on {}", directory, target);
    if (place->available_bytes < need.now) {
        findings.push_back(
            error(k_room, need.subject, fmt::format("{}, and {} are needed", left, format_size(need.now)), remedy));
    } else if (place->available_bytes < need.at_most) {
        findings.push_back(warn(k_room, need.subject,
                                fmt::format("{}: less than the disks may grow to, {}", left, format_size(need.at_most)),
                                remedy));
    } else {
        findings.push_back(ok(k_room, need.subject, left));
    }
}

std::vector<model::Finding> run(CheckContext& context)
{
    Findings findings;
    std::vector<Copied> all;
    for (const model::Disk& disk : context.domain.disks) {
        if (const DiskMove* copy = copy_of(context, disk, k_new, findings); copy != nullptr) {
            all.push_back({&disk, copy});
        }
    }
    for (const Copied& one : all) {
        judge_name(context, one, all, findings);
    }
    if (!all.empty()) {
        judge_owners(context, all, findings);
    }
    for (const auto& [directory, need] : needs_of(all)) {
        judge_room(context, directory, need, findings);
    }
    return or_not_applicable(std::move(findings), k_new, "disks", "no disk is copied");
}

}  // namespace

VMF_REGISTER_CHECK(copied_disks, k_topics, run);

}  // namespace vmferry::checks
