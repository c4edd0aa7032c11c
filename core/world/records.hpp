// Definitions of VMs that are off, as they go from one host to another with the records that libvirt keeps beside them.
//
// Error kinds as in host.hpp.

#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/model/marker.hpp"

namespace vmferry::world {

/// A file that has another path.
struct FileRename {
    std::string from;
    std::string to;
};

/// What a host knows of a VM beside the contents of its images. Holds secrets: never for a log or the journal.
struct Portable {
    struct Snapshot {
        std::string record;
        bool current = false;
    };
    std::string definition;
    std::vector<Snapshot> snapshots;  ///< Parents first.
    std::vector<FileRename> renames;  ///< What has another path where it goes to: in definition and records alike.
};

/// A **bolt** is an entry in a definition that makes every start fail, whoever asks for it. So a VM that two hosts
/// know can be started on one of them only.
class Records {
public:
    virtual ~Records() = default;

    [[nodiscard]] virtual Result<Portable> read(const Uuid& uuid) = 0;
    /// Makes the definition, bolted and with that marker, and records its snapshots. Kind `failed` when the host knows
    /// such a domain; part of the snapshots may be recorded after any error.
    [[nodiscard]] virtual Result<> define_bolted(const Uuid& uuid, const Portable& vm, const model::Marker& marker) = 0;
    /// The definition as model::BeforeImage has it, if these files were renamed.
    [[nodiscard]] virtual Result<std::string> definition_with(const Uuid& /*uuid*/,
                                                              const std::vector<FileRename>& /*renames*/)
    {
        return fail(ErrorKind::failed, "no file of a definition can be renamed");
    }
    /// Renames them in the definition, all at once. Ok when none of the old names is there.
    [[nodiscard]] virtual Result<> rename_files(const Uuid& /*uuid*/, const std::vector<FileRename>& /*renames*/)
    {
        return fail(ErrorKind::failed, "no file of a definition can be renamed");
    }
    [[nodiscard]] virtual Result<bool> is_bolted(const Uuid& uuid) = 0;
    /// Takes the bolt out of the definition; ok when there is none.
    [[nodiscard]] virtual Result<> unbolt(const Uuid& uuid) = 0;
};

}  // namespace vmferry::world
