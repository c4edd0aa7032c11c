#include "tests/sim/sim_disk.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "core/base/uuid.hpp"

namespace vmferry::sim {

namespace {

using support::Fault;
using support::Survival;

std::filesystem::path new_directory()
{
    const auto path = std::filesystem::temp_directory_path() / ("vmferry-sim-" + Uuid::make_v7().str());
    std::filesystem::create_directories(path);
    return path;
}

/// An empty journal, made once: most of what a story costs would be making it.
const std::string& empty_journal()
{
    static const std::string s_bytes = [] {
        const auto directory = new_directory();
        const std::string path = directory / "journal.db";
        static_cast<void>(journal::open_sqlite(path, journal::Access::read_write));
        std::ostringstream bytes;
        bytes << std::ifstream(path, std::ios::binary).rdbuf();
        std::filesystem::remove_all(directory);
        return bytes.str();
    }();
    return s_bytes;
}

std::string write_empty_journal(const std::filesystem::path& directory)
{
    const std::string path = directory / "journal.db";
    std::ofstream(path, std::ios::binary) << empty_journal();
    return path;
}

}  // namespace

const std::vector<DiskFaultType>& disk_fault_types()
{
    static const std::vector<DiskFaultType> s_types = {
        {"power", Fault::crash},
        {"power-kept", Fault::crash, false, Survival::everything},
        {"power-torn-1", Fault::crash, false, Survival::some, 1},
        {"power-torn-2", Fault::crash, false, Survival::some, 2},
        {"io-error", Fault::io_error},
        {"io-error-lasting", Fault::io_error, true},
        {"io-error-late", Fault::late_io_error},
        {"full", Fault::no_space},
        {"full-lasting", Fault::no_space, true},
    };
    return s_types;
}

std::string to_string(const DiskFault& fault)
{
    return "disk:" + std::to_string(fault.call) + ":" + std::string(fault.type->name);
}

std::optional<DiskFault> parse_disk_fault(std::string_view text)
{
    constexpr std::string_view k_prefix = "disk:";
    if (!text.starts_with(k_prefix)) {
        return std::nullopt;
    }
    text.remove_prefix(k_prefix.size());
    DiskFault fault;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), fault.call);
    const auto digits = static_cast<size_t>(end - text.data());
    if (error != std::errc() || digits >= text.size() || text[digits] != ':') {
        return std::nullopt;
    }
    const auto& types = disk_fault_types();
    const auto found = std::find_if(types.begin(), types.end(),
                                    [&](const DiskFaultType& type) { return type.name == text.substr(digits + 1); });
    fault.type = found == types.end() ? nullptr : &*found;
    return found == types.end() ? std::nullopt : std::optional(fault);
}

SimDisk::SimDisk(const std::optional<DiskFault>& fault)
    : m_directory(new_directory()), m_path(write_empty_journal(m_directory)), m_fault(fault)
{
    if (m_fault) {
        m_disk.arm(m_fault->type->fault, m_fault->call, m_fault->type->lasting);
    } else {
        m_disk.arm(Fault::none, 0);
    }
}

SimDisk::~SimDisk() { std::filesystem::remove_all(m_directory); }

Result<std::unique_ptr<journal::Store>> SimDisk::open()
{
    return journal::open_sqlite(m_path, journal::Access::read_write);
}

bool SimDisk::loses_power_now()
{
    const bool crashed = m_fault && m_fault->type->fault == Fault::crash && m_disk.fired();
    m_lost_power = m_lost_power || crashed;
    return crashed;
}

void SimDisk::power_returns()
{
    m_disk.power_loss(m_fault->type->survival, m_fault->type->seed);
    m_lost_power = false;
}

}  // namespace vmferry::sim
