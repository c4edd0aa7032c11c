// The images of a host that only answers: for checks and plans, which change nothing.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/world/disks.hpp"

namespace vmferry::test {

/// Answers what is asked about disks; nothing is ever worked on.
class FakeDisks final : public world::Disks {
public:
    std::vector<world::DiskState> all;
    std::map<std::string, uint64_t> available;  ///< By directory.
    std::map<std::string, std::string> pools;   ///< Name, directory.
    std::vector<std::string> users;
    world::DiskSize disk_size;
    world::FileAccess file_access;

    Result<std::vector<world::DiskState>> states(const Uuid&) override { return all; }
    Result<world::Place> place(const std::string& name) override
    {
        const auto pool = pools.find(name);
        const std::string directory = pool == pools.end() ? name : pool->second;
        const auto found = available.find(directory);
        if (found == available.end()) {
            return fail(ErrorKind::not_found, "there is no " + name);
        }
        return world::Place{directory, pool == pools.end() ? "" : name, found->second};
    }
    Result<std::vector<std::string>> users_of(const std::string&) override { return users; }

    Result<world::DiskSize> size(const Uuid&, const std::string&) override { return disk_size; }
    Result<world::FileAccess> access(const std::string&) override { return file_access; }
    Result<> start_copy(const Uuid&, const world::CopyOrder&) override { return none(); }
    Result<world::CopyProgress> copy_progress(const Uuid&, const std::string&) override { return none(); }
    Result<> unlimit_copy(const Uuid&, const std::string&) override { return none(); }
    Result<> pivot(const Uuid&, const std::string&) override { return none(); }
    Result<> end_copy(const Uuid&, const std::string&) override { return none(); }
    Result<> set_inactive(const Uuid&, const std::string&, const std::string&, const std::string&) override
    {
        return none();
    }
    Result<> create_image(const world::ImageOrder&) override { return none(); }
    Result<> delete_image(const std::string&, const std::string&) override { return none(); }

private:
    static tl::unexpected<Error> none() { return fail(ErrorKind::internal, "nothing may be changed"); }
};

}  // namespace vmferry::test
