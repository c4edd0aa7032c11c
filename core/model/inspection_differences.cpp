// What is said when a copy does not hold what its original held.

#include <algorithm>

#include "core/base/units.hpp"
#include "core/model/inspection.hpp"

namespace vmferry::model {

namespace {

template <typename List, typename Match>
auto find_in(const List& list, Match match)
{
    const auto found = std::find_if(list.begin(), list.end(), match);
    return found == list.end() ? nullptr : &*found;
}

void compare(const ImageContents& before, const ImageContents* after, std::vector<std::string>& found)
{
    const std::string& disk = before.disk;
    if (after == nullptr || after->state == ImageContents::State::not_inspected) {
        found.push_back(disk + " could not be looked into again");
        return;
    }
    if (before.state != ImageContents::State::damaged && after->state == ImageContents::State::damaged) {
        found.push_back(disk + " is damaged: " + after->reason);
        return;
    }
    if (before.capacity_bytes != after->capacity_bytes) {
        found.push_back(disk + " has " + std::to_string(after->capacity_bytes) + " bytes and had " +
                        std::to_string(before.capacity_bytes));
    }
    if (before.table != after->table || before.partitions != after->partitions) {
        found.push_back(disk + " has other partitions");
    }
    if (before.blank != after->blank) {
        found.push_back(disk + (after->blank ? " is blank" : " is no longer blank"));
    }
}

std::string brief(const FileSystem& system)
{
    return system.type + " '" + system.label + "' of " + format_size(system.size_bytes);
}

void compare(const FileSystem& before, const FileSystem* after, std::vector<std::string>& found)
{
    if (after == nullptr) {
        found.push_back("the file system (" + before.type + ") of " + before.device + " is missing");
        return;
    }
    const bool same = before.type == after->type && before.label == after->label && before.uuid == after->uuid &&
                      before.size_bytes == after->size_bytes;
    if (!same) {
        found.push_back(before.device + " holds another file system: " + brief(*after) + ", not " + brief(before));
    } else if (before.health != FileSystem::Health::damaged && after->health == FileSystem::Health::damaged) {
        found.push_back("the file system of " + before.device + " is damaged: " + after->detail);
    } else if (before.health == FileSystem::Health::whole && after->health == FileSystem::Health::not_checked) {
        found.push_back("the file system of " + before.device + " could not be checked: " + after->detail);
    }
}

void compare(const OperatingSystem& before, const OperatingSystem* after, std::vector<std::string>& found)
{
    const bool same = after != nullptr && before.type == after->type && before.distribution == after->distribution &&
                      before.version == after->version && before.host_name == after->host_name;
    if (!same) {
        found.push_back(before.product + " (" + before.host_name + ") is not found on " + before.root + " any more");
    }
}

}  // namespace

std::vector<std::string> differences(const Inspection& before, const Inspection& after)
{
    std::vector<std::string> found;
    for (const ImageContents& one : before.images) {
        // What was not looked into before has nothing to be compared with.
        if (one.state != ImageContents::State::not_inspected) {
            compare(one, find_in(after.images, [&](const auto& other) { return other.disk == one.disk; }), found);
        }
    }
    if (!after.incomplete.empty()) {
        found.push_back("the second look ended early: " + after.incomplete);
        return found;
    }
    for (const FileSystem& one : before.file_systems) {
        compare(one, find_in(after.file_systems, [&](const auto& other) { return other.device == one.device; }), found);
    }
    for (const OperatingSystem& one : before.systems) {
        compare(one, find_in(after.systems, [&](const auto& other) { return other.root == one.root; }), found);
    }
    return found;
}

}  // namespace vmferry::model
