// What the storage checks have in common: which disks they look at, and where a disk really is.

#pragma once

#include <string>
#include <vector>

#include "core/checks/check.hpp"

namespace vmferry::checks {

/// Where the bytes of a disk are, whatever its definition calls it.
enum class Place {
    none,  ///< A drive without medium.
    file,
    block,
    network,
    pool,  ///< "pool/volume" that the host did not resolve to a path.
    other,
};
[[nodiscard]] Place place_of(const model::Disk& disk);
/// The same for an image that is only known by its path or location.
[[nodiscard]] Place place_of(const std::string& source);

/// "disk vda", "cdrom sda".
[[nodiscard]] std::string subject_of(const model::Disk& disk);

/// True for a CD-ROM, and for a floppy that the guest cannot write.
[[nodiscard]] bool is_removable_medium(const model::Disk& disk);
/// True for a disk whose image must be the very same object on both hosts.
[[nodiscard]] bool needs_sharing(const model::Disk& disk);

/// Where that disk is copied to: the operator wants it so, and its directory was proved not to be shared. Else null.
[[nodiscard]] const model::DiskMove* copy_of(CheckContext& context, const model::Disk& disk, const Topic& topic,
                                             std::vector<model::Finding>& findings);

/// Tells what a directory proof could not remove.
void report_leftovers(const Topic& topic, const CheckContext& context, const DirectoryProof& proof,
                      std::vector<model::Finding>& findings);

/// `findings`, or the word that the condition concerns nothing here.
[[nodiscard]] std::vector<model::Finding> or_not_applicable(std::vector<model::Finding> findings, const Topic& topic,
                                                            const std::string& subject, const std::string& message);

}  // namespace vmferry::checks
