// The journal on SQLite, on a disk that fails: the machine of the tool loses its power at the n-th call
// of the disk, or the call comes back with an error.

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/store.hpp"
#include "tests/support/crash_vfs.hpp"

namespace vmferry::sim {

/// One way in which a disk fails, by name: "power-torn-1", "io-error", "full".
struct DiskFaultType {
    std::string_view name;
    support::Fault fault;
    bool lasting = false;  ///< Until everything is healed.
    support::Survival survival = support::Survival::synced_only;
    uint32_t seed = 0;
};
[[nodiscard]] const std::vector<DiskFaultType>& disk_fault_types();

/// At the n-th call of the disk, counted from 1: "disk:137:power-torn-1".
struct DiskFault {
    int64_t call = 0;
    const DiskFaultType* type = nullptr;
};
[[nodiscard]] std::string to_string(const DiskFault& fault);
/// nullopt when malformed.
[[nodiscard]] std::optional<DiskFault> parse_disk_fault(std::string_view text);

/// The disk of one story, with an empty journal on it. One at a time: it is SQLite's default VFS.
class SimDisk {
public:
    explicit SimDisk(const std::optional<DiskFault>& fault);
    ~SimDisk();
    SimDisk(const SimDisk&) = delete;
    SimDisk& operator=(const SimDisk&) = delete;

    /// As a new process does.
    [[nodiscard]] Result<std::unique_ptr<journal::Store>> open();
    [[nodiscard]] bool has_lost_power() const { return m_lost_power; }
    /// To be asked after each call: whether this was the one that never came back.
    [[nodiscard]] bool loses_power_now();
    /// The machine is there again, with what was durable. No store may be open.
    void power_returns();
    void heal() { m_disk.arm(support::Fault::none, 0); }
    [[nodiscard]] int64_t calls() const { return m_disk.calls(); }

private:
    std::filesystem::path m_directory;
    std::string m_path;
    std::optional<DiskFault> m_fault;
    support::CrashDisk m_disk;
    bool m_lost_power = false;
};

}  // namespace vmferry::sim
