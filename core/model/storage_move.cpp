#include "core/model/storage_move.hpp"

#include "core/model/fields.hpp"

namespace vmferry::model {

namespace {

Json to_json(const DiskMove& disk)
{
    return Json{{"target", disk.target},
                {"from", disk.from},
                {"from_format", disk.from_format},
                {"to", disk.to},
                {"to_format", disk.to_format},
                {"pool", disk.pool},
                {"owner", disk.owner},
                {"mode", disk.mode},
                {"working_pool", disk.working_pool},
                {"capacity_bytes", disk.capacity_bytes},
                {"allocation_bytes", disk.allocation_bytes},
                {"backing", disk.backing},
                {"backing_format", disk.backing_format},
                {"reuse", disk.reuse}};
}

DiskMove disk_from(Fields fields, std::string& problem)
{
    DiskMove disk;
    disk.target = fields.text("target");
    disk.from = fields.text("from");
    disk.from_format = fields.text("from_format");
    disk.to = fields.text("to");
    disk.to_format = fields.text("to_format");
    disk.pool = fields.text("pool");
    const Json& owner = fields.raw("owner");  // Older journals have none.
    disk.owner = owner.is_string() ? owner.get<std::string>() : "";
    disk.mode = fields.text("mode");
    disk.working_pool = fields.text("working_pool");
    disk.capacity_bytes = fields.natural("capacity_bytes");
    disk.allocation_bytes = fields.natural("allocation_bytes");
    disk.backing = fields.text("backing");
    disk.backing_format = fields.text("backing_format");
    disk.reuse = fields.flag("reuse");
    problem = problem.empty() ? fields.problem() : problem;
    return disk;
}

}  // namespace

Json to_json(const std::vector<DiskMove>& disks)
{
    Json json = Json::array();
    for (const DiskMove& disk : disks) {
        json.push_back(to_json(disk));
    }
    return json;
}

Result<std::vector<DiskMove>> disk_moves_from_json(const Json& json, const std::string& what)
{
    if (!json.is_array()) {
        return fail(ErrorKind::bad_plan, what + " has no list of disks");
    }
    std::vector<DiskMove> disks;
    std::string problem;
    for (const Json& disk : json) {
        disks.push_back(disk_from(Fields(disk, what + " disk"), problem));
    }
    if (!problem.empty()) {
        return fail(ErrorKind::bad_plan, problem);
    }
    return disks;
}

Json to_json(const StorageMove& move)
{
    return {{"disks", to_json(move.disks)},
            {"synchronous", move.synchronous},
            {"bandwidth_bytes_per_s", move.bandwidth_bytes_per_s},
            {"keep_source", move.keep_source},
            {"return_ticket", move.return_ticket}};
}

Result<StorageMove> storage_move_from_json(const Json& json)
{
    Fields fields(json, "storage");
    StorageMove move;
    move.synchronous = fields.flag("synchronous");
    move.bandwidth_bytes_per_s = fields.natural("bandwidth_bytes_per_s");
    move.keep_source = fields.flag("keep_source");
    move.return_ticket = fields.flag("return_ticket");
    if (!fields.problem().empty()) {
        return fail(ErrorKind::bad_plan, fields.problem());
    }
    VMF_TRY_ASSIGN(move.disks, disk_moves_from_json(fields.raw("disks"), "storage"));
    return move;
}

}  // namespace vmferry::model
