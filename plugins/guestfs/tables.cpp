#include "plugins/guestfs/tables.hpp"

#include <fmt/format.h>

namespace vmferry::guestfs {

namespace {

using model::ImageContents;

/// No honest disk has more; a hostile one could keep us busy.
constexpr size_t k_partitions_max = 128;

std::string type_of(guestfs_h* handle, const std::string& disk, const std::string& table, int number)
{
    if (table == "gpt") {
        return take_text(guestfs_part_get_gpt_type(handle, disk.c_str(), number));
    }
    const int id = table == "msdos" ? guestfs_part_get_mbr_id(handle, disk.c_str(), number) : -1;
    return id < 0 ? "" : fmt::format("0x{:02x}", id);
}

void look_at_table(guestfs_h* handle, const std::string& disk, ImageContents& image)
{
    image.table = take_text(guestfs_part_get_parttype(handle, disk.c_str()));
    if (image.table == "loop") {
        image.table.clear();  // parted's word for a file system without a table
    }
    guestfs_partition_list* list = image.table.empty() ? nullptr : guestfs_part_list(handle, disk.c_str());
    for (uint32_t i = 0; list != nullptr && i < list->len && i < k_partitions_max; ++i) {
        const guestfs_partition& one = list->val[i];
        image.partitions.push_back(
            {one.part_num, one.part_start, one.part_size, type_of(handle, disk, image.table, one.part_num)});
    }
    if (list != nullptr) {
        guestfs_free_partition_list(list);
    }
}

}  // namespace

void look_at_tables(const Appliance& appliance, Answer& answer)
{
    answer.doing("reading partition tables");
    for (size_t i = 0; i < appliance.disks(); ++i) {
        const std::string name = appliance.name_of(appliance.device_of(i));
        ImageContents found;
        look_at_table(appliance.handle(), appliance.device_of(i), found);
        answer.change([&](model::Inspection& inspection) {
            for (ImageContents& image : inspection.images) {
                if (image.disk == name) {
                    image.table = found.table;
                    image.partitions = found.partitions;
                }
            }
        });
    }
}

}  // namespace vmferry::guestfs
