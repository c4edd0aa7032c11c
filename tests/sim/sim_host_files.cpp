// Files and capabilities of a simulated host.

#include "tests/sim/edge.hpp"
#include "tests/sim/sim_host.hpp"

namespace vmferry::sim {

namespace {

constexpr Ms k_storage = 15000;
constexpr Ms k_question = 5000;

Result<> busy_pool() { return fail(ErrorKind::failed, "pool has asynchronous jobs running"); }

std::string path_of(const world::ProbeVolume& probe) { return probe.directory + "/" + probe.name; }

}  // namespace

Result<> SimHost::create_probe(const world::ProbeVolume& probe, const std::string& content)
{
    return act(
        "probe",
        [site = m_site, probe, content]() -> Done {
            if (site.daemon().locked()) {
                return busy_pool();
            }
            site.machine().pools.insert(probe.pool);
            const bool created = site.universe.shared_files.emplace(path_of(probe), content).second;
            return created ? Result<>{} : Result<>(fail(ErrorKind::failed, "it exists"));
        },
        0, "probe:" + std::string(to_string(m_side)) + ":" + probe.name);
}

Result<std::optional<std::string>> SimHost::read_probe(const world::ProbeVolume& probe)
{
    return ask<std::optional<std::string>>(
        "read-probe", k_storage, [site = m_site, probe]() -> Result<std::optional<std::string>> {
            site.machine().pools.insert(probe.pool);
            const auto found = site.universe.shared_files.find(path_of(probe));
            return found == site.universe.shared_files.end() ? std::nullopt : std::optional(found->second);
        });
}

Result<> SimHost::remove_probe(const world::ProbeVolume& probe, bool delete_volume)
{
    return act(
        "probe",
        [site = m_site, probe, delete_volume]() -> Done {
            if (site.daemon().locked()) {
                return busy_pool();
            }
            if (delete_volume) {
                site.universe.shared_files.erase(path_of(probe));
            }
            site.machine().pools.erase(probe.pool);
            return Result<>{};
        },
        0, "probe:" + std::string(to_string(m_side)) + ":" + probe.name);
}

Result<bool> SimHost::file_exists(const std::string& path)
{
    return ask<bool>("file-exists", k_storage,
                     [site = m_site, path] { return Result<bool>(site.machine().files.contains(path)); });
}

Result<> SimHost::remove_file(const std::string& path)
{
    return act("nvram", [site = m_site, path]() -> Done {
        site.universe.oracle.removes_nvram(site.side, path);
        site.machine().files.erase(path);
        return Result<>{};
    });
}

/// Its emulators run as root.
Result<std::vector<std::string>> SimHost::estranged_images(const Uuid& /*uuid*/) { return std::vector<std::string>(); }

Result<> SimHost::give_image(const Uuid& /*uuid*/, const std::string& /*path*/) { return {}; }

Result<std::string> SimHost::block_identity(const std::string& /*path*/) { return std::string("wwn-1"); }

Result<model::HostFacts> SimHost::facts()
{
    return ask<model::HostFacts>("facts", k_question, [site = m_site]() -> Result<model::HostFacts> {
        model::HostFacts facts;
        facts.label = address_of(site.side).label;
        facts.hostname = address_of(site.side).label;
        facts.host_uuid = site.side == Side::source ? "a" : "b";
        facts.arch = "x86_64";
        facts.libvirt_version = 9000000;
        facts.hypervisor_version = 7002000;
        facts.memory_total_bytes = 8ULL << 30;
        facts.memory_available_bytes = 6ULL << 30;
        facts.security_model = "none";
        return facts;
    });
}

Result<world::Capabilities::CpuVerdict> SimHost::compare_cpu(const model::DomainFacts& /*domain*/)
{
    return CpuVerdict{true, "identical"};
}

Result<world::Capabilities::MachineVerdict> SimHost::supports_machine(const model::DomainFacts& /*domain*/)
{
    return MachineVerdict{true, true, true, 255, {}};
}

Result<world::Capabilities::Presence> SimHost::network(const std::string& /*name*/) { return Presence::active; }
Result<world::Capabilities::Presence> SimHost::bridge(const std::string& /*name*/) { return Presence::active; }
Result<world::Capabilities::Presence> SimHost::network_filter(const std::string& /*name*/) { return Presence::active; }
Result<uint64_t> SimHost::free_huge_pages(uint64_t /*page_size_bytes*/) { return uint64_t{1} << 20; }
Result<world::Capabilities::Reach> SimHost::resolve_from_here(const std::string& /*host*/) { return Reach{true, {}}; }

}  // namespace vmferry::sim
