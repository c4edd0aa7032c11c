// What a look into disk images found: partitions, file systems, operating systems.
//
// All of it comes from guests, which may be hostile: inspection_from_json() bounds each text and each list, and leaves
// no byte in a text that a terminal would obey.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace vmferry::model {

inline constexpr std::string_view k_inspection_request_schema = "vmferry.inspect/1";
inline constexpr std::string_view k_inspection_schema = "vmferry.inspection/1";

/// An image that is to be looked into.
struct InspectedImage {
    std::string disk;    ///< "vda"; what is found is named after it.
    std::string path;    ///< Absolute; on the machine that looks.
    std::string format;  ///< "raw", "qcow2". Never guessed: a guest can write the head of any format into a raw disk.
};

struct Partition {
    int number = 0;
    uint64_t start_bytes = 0;
    uint64_t size_bytes = 0;
    std::string type;  ///< GPT type GUID, or MBR id as "0x83"; empty: not known.

    bool operator==(const Partition&) const = default;
};

/// One image and its partition table.
struct ImageContents {
    enum class State {
        inspected,
        damaged,        ///< It is not a whole image of its format.
        not_inspected,  ///< It was left alone, and `reason` says why.
    };
    std::string disk;
    State state = State::not_inspected;
    std::string reason;  ///< For the other two states; the end of a sentence.
    uint64_t capacity_bytes = 0;
    std::string table;   ///< "gpt", "msdos"; empty: none.
    bool blank = false;  ///< No table, no file system, and zeros where they would begin.
    std::vector<Partition> partitions;
};

struct FileSystem {
    enum class Health {
        whole,
        damaged,      ///< By its own checker, or it cannot be mounted.
        not_checked,  ///< `detail` says why.
    };
    std::string device;  ///< "vda1", "vda", or "vg0/root" on a volume group.
    std::string type;    ///< "ext4", "swap", "crypto_LUKS", "unknown".
    std::string label;
    std::string uuid;
    uint64_t size_bytes = 0;               ///< Of its device.
    std::optional<uint64_t> free_bytes{};  ///< Where it could be mounted read-only.
    Health health = Health::not_checked;
    std::string detail;
};

struct OperatingSystem {
    std::string root;  ///< Device of its root file system.
    std::string type;  ///< "linux", "windows".
    std::string distribution;
    std::string product;  ///< "Debian GNU/Linux 12 (bookworm)".
    std::string version;  ///< "12.5"; empty: not known.
    std::string architecture;
    std::string host_name;
};

struct Inspection {
    std::vector<ImageContents> images;
    std::vector<FileSystem> file_systems;
    std::vector<std::string> volume_groups;  ///< Of LVM.
    std::vector<OperatingSystem> systems;
    std::string incomplete;  ///< Why it ended early; empty: it looked at everything.
};

[[nodiscard]] std::string_view to_string(ImageContents::State state);
[[nodiscard]] std::string_view to_string(FileSystem::Health health);
[[nodiscard]] Json to_json(const Inspection& inspection);
/// Kind `failed` when it is not a vmferry.inspection/1, or longer than any honest one.
[[nodiscard]] Result<Inspection> inspection_from_json(const Json& json);

/// How what is in a copy differs from what was in its original, as sentences; empty: partitions, file systems and
/// operating systems are the same, and nothing became worse. Free space is not compared.
[[nodiscard]] std::vector<std::string> differences(const Inspection& before, const Inspection& after);

}  // namespace vmferry::model
