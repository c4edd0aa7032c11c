#include "core/engine/copied_images.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vmferry::engine {

using journal::Kind;
using model::Side;

namespace {

/// Keys of COPIED: how the two files looked.
constexpr const char* k_original = "original";
constexpr const char* k_copy = "copy";

/// The last COPIED of that name; nullptr: it is not complete.
const journal::Entry* copied_entry(std::span<const journal::Entry> entries, const std::string& name)
{
    const auto found = std::find_if(entries.rbegin(), entries.rend(), [&](const journal::Entry& entry) {
        return entry.kind == Kind::copied && entry.object == name;
    });
    return found == entries.rend() ? nullptr : &*found;
}

/// Does a file look as COPIED tells? One that is gone is not newer. Kinds as of look().
Result<bool> is_same(world::Images& images, const std::string& path, const Json& body, const char* key)
{
    const auto now = images.look(path);
    if (!now) {
        return now.error().kind() == ErrorKind::not_found ? Result<bool>(true) : fail(now.error());
    }
    return body.is_object() && body.contains(key) && to_json(now->stamp) == body.at(key);
}

struct Judged {
    CopiesHold copies = CopiesHold::good;
    std::string why;
};

Judged judge(world::Images& images, const ImageCopy& copy, const journal::Entry* entry)
{
    if (entry == nullptr) {
        return {CopiesHold::stale, fmt::format("{} is not complete", copy.to)};
    }
    const auto same = is_same(images, copy.from, *entry->body, k_original);
    if (!same) {
        return {CopiesHold::unseen, same.error().text()};
    }
    return *same ? Judged{}
                 : Judged{CopiesHold::stale, fmt::format("{} was written to since it was copied", copy.from)};
}

Judged judge_all(Context& context)
{
    const auto copies = image_copies(context);
    if (!copies || copies->empty()) {
        return copies ? Judged{} : Judged{CopiesHold::unseen, copies.error().text()};
    }
    const auto images = images_of(context, Side::source);
    const auto entries = context.entries();
    if (!images || !entries) {
        return {CopiesHold::unseen, (images ? entries.error() : images.error()).text()};
    }
    Judged worst;
    for (const ImageCopy& copy : *copies) {
        const Judged one = judge(**images, copy, copied_entry(*entries, copy.name));
        worst = one.copies > worst.copies ? one : worst;
    }
    return worst;
}

}  // namespace

const std::vector<model::DiskMove>& disks_moved(const model::Plan& plan)
{
    return plan.moves_storage() ? plan.storage.disks : plan.copies.disks;
}

Result<std::vector<ImageCopy>> image_copies(Context& context)
{
    const model::Plan& plan = context.plan;
    std::vector<ImageCopy> copies;
    for (const model::DiskMove& disk : disks_moved(plan)) {
        copies.push_back({disk.target, disk.from, disk.to, disk.working_pool});
    }
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    const bool nvram = plan.copies.wanted && std::any_of(entries.begin(), entries.end(), [](const auto& entry) {
                           return entry.kind == Kind::ledger && entry.object == "nvram:target";
                       });
    if (nvram) {
        copies.push_back(
            {std::string(k_nvram), plan.nvram, plan.nvram, fmt::format("vmferry-{}-nvram", plan.transaction.str())});
    }
    return copies;
}

Result<std::vector<world::FileRename>> renames_of(Context& context)
{
    VMF_TRY_ASSIGN(const auto copies, image_copies(context));
    std::vector<world::FileRename> renames;
    for (const ImageCopy& copy : copies) {
        if (copy.from != copy.to) {
            renames.push_back({copy.from, copy.to});
        }
    }
    return renames;
}

Result<world::Images*> images_of(Context& context, Side side)
{
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(side, context.plan.limits.call));
    if (host->images() == nullptr) {
        return fail(ErrorKind::failed,
                    fmt::format("the images of {} can be neither read nor written", context.label(side)));
    }
    return host->images();
}

Json to_json(const world::FileStamp& stamp)
{
    return {{"length_bytes", stamp.length_bytes}, {"modified", stamp.modified}, {"changed", stamp.changed}};
}

std::string_view to_string(CopiesHold copies)
{
    constexpr std::string_view k_names[] = {"good", "stale", "unseen"};
    return k_names[static_cast<unsigned>(copies)];
}

std::string_view to_string(UsedSince used)
{
    constexpr std::string_view k_names[] = {"none", "originals", "copies", "both", "unseen"};
    return k_names[static_cast<unsigned>(used)];
}

UsedSince used_since(Context& context)
{
    const auto copies = image_copies(context);
    const auto images = images_of(context, Side::source);
    const auto entries = context.entries();
    if (!copies || !images || !entries) {
        return UsedSince::unseen;
    }
    bool originals = false;
    bool used_copies = false;
    for (const ImageCopy& copy : *copies) {
        const journal::Entry* entry = copied_entry(*entries, copy.name);
        if (entry == nullptr) {
            continue;
        }
        const auto old_same = is_same(**images, copy.from, *entry->body, k_original);
        const auto new_same = is_same(**images, copy.to, *entry->body, k_copy);
        if (!old_same || !new_same) {
            return UsedSince::unseen;
        }
        originals = originals || !*old_same;
        used_copies = used_copies || !*new_same;
    }
    if (originals) {
        return used_copies ? UsedSince::both : UsedSince::originals;
    }
    return used_copies ? UsedSince::copies : UsedSince::none;
}

CopiesHold copies_hold(Context& context) { return judge_all(context).copies; }

Result<> refuse_stale_copies(Context& context)
{
    const Judged judged = judge_all(context);
    if (judged.copies == CopiesHold::good) {
        return {};
    }
    return fail(Error(judged.copies == CopiesHold::unseen ? ErrorKind::unreachable : ErrorKind::failed, judged.why)
                    .with_id("VMF-E224"));
}

}  // namespace vmferry::engine
