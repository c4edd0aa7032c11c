#include "core/model/disk_copies.hpp"

#include <algorithm>

#include "core/model/fields.hpp"

namespace vmferry::model {

void DiskCopies::reduce_to(const std::vector<std::string>& targets)
{
    std::erase_if(disks, [&](const DiskMove& disk) {
        return std::find(targets.begin(), targets.end(), disk.target) == targets.end();
    });
}

Json to_json(const DiskCopies& copies)
{
    return {{"wanted", copies.wanted},
            {"disks", to_json(copies.disks)},
            {"keep_source", copies.keep_source},
            {"synchronous", copies.synchronous}};
}

Result<DiskCopies> disk_copies_from_json(const Json& json)
{
    Fields fields(json, "copies");
    DiskCopies copies;
    copies.wanted = fields.flag("wanted");
    copies.keep_source = fields.flag("keep_source");
    copies.synchronous = fields.flag("synchronous");
    if (!fields.problem().empty()) {
        return fail(ErrorKind::bad_plan, fields.problem());
    }
    VMF_TRY_ASSIGN(copies.disks, disk_moves_from_json(fields.raw("disks"), "copies"));
    return copies;
}

}  // namespace vmferry::model
