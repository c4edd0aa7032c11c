#include "tests/unit/core/checks/check_test.hpp"

#include <algorithm>

namespace vmferry::checks {

Result<> RecordingLedger::note(const std::string& verb, model::Side side, const world::ProbeVolume& probe)
{
    const std::string name(model::to_string(side));
    const std::string line = verb + " " + name;
    if (line == refuse) {
        return fail(ErrorKind::journal, "the journal is full");
    }
    lines.push_back(line + " " + probe.directory);
    if (verb == "creating") {
        open.push_back(name);
    } else if (const auto entry = std::find(open.begin(), open.end(), name); entry != open.end()) {
        open.erase(entry);
    }
    if (on_entry) {
        on_entry(line);
    }
    return {};
}

CheckTest::CheckTest()
{
    domain.uuid = *Uuid::parse("11111111-1111-4111-8111-111111111111");
    domain.name = "web1";
    domain.virt_type = "kvm";
    domain.arch = "x86_64";
    domain.machine = "pc-q35-7.2";
    domain.emulator = "/usr/bin/qemu-system-x86_64";
    domain.cpu_mode = "custom";
    domain.memory_bytes = 8ULL << 30;
    domain.vcpus = 4;
    domain.now.reachable = true;
    domain.now.exists = true;
    domain.now.persistent = true;
    domain.now.state = model::RunState::running;
    add_disk("vda", model::DiskKind::file, "/srv/vm/web1.qcow2");
    add_nic(model::NicKind::bridge, "br0");

    for (test::FakeHost* host : {&source, &target}) {
        host->mount("/srv/vm", shared_store);
        host->host_facts.libvirt_version = 9'000'000;
        host->host_facts.hypervisor_version = 7'002'000;
        host->host_facts.memory_total_bytes = 64ULL << 30;
        host->host_facts.memory_available_bytes = 41ULL << 30;
        host->host_facts.security_model = "apparmor";
        host->bridges["br0"] = world::Capabilities::Presence::active;
    }
    source.host_facts.host_uuid = "aaaaaaaa-0000-4000-8000-000000000001";
    target.host_facts.host_uuid = "aaaaaaaa-0000-4000-8000-000000000002";
    source.add_file("/srv/vm/web1.qcow2");
    source.resolvable = {target.host_facts.hostname};
}

CheckContext CheckTest::context()
{
    return {domain,
            source.host_facts,
            target.host_facts,
            residents,
            source,
            target,
            migrate_host,
            k_transaction,
            cache_directory,
            ledger,
            *proofs,
            patience,
            copies,
            images};
}

std::vector<model::Finding> CheckTest::findings(const std::string& id, const std::vector<std::string>& accepted)
{
    CheckContext all_of_it = context();
    return run_checks(all_of_it, {id}, {}, accepted);
}

model::Finding CheckTest::finding(const std::string& id)
{
    const auto found = findings(id);
    EXPECT_EQ(found.size(), 1U) << id;
    return found.empty() ? model::Finding{} : found.front();
}

std::vector<model::Finding> CheckTest::all(const std::vector<std::string>& accepted)
{
    CheckContext all_of_it = context();
    return run_checks(all_of_it, {}, {}, accepted);
}

std::vector<std::string> CheckTest::errors()
{
    std::vector<std::string> ids;
    for (const model::Finding& one : all()) {
        if (one.severity == model::Severity::error) {
            ids.push_back(one.id);
        }
    }
    return ids;
}

model::Disk& CheckTest::add_disk(const std::string& target_name, model::DiskKind kind, const std::string& where)
{
    model::Disk disk;
    disk.target = target_name;
    disk.device = "disk";
    disk.kind = kind;
    disk.source = where;
    disk.cache = "none";
    domain.disks.push_back(disk);
    return domain.disks.back();
}

model::Nic& CheckTest::add_nic(model::NicKind kind, const std::string& where)
{
    model::Nic nic;
    nic.mac = "52:54:00:00:00:0" + std::to_string(domain.nics.size() + 1);
    nic.kind = kind;
    nic.source = where;
    domain.nics.push_back(nic);
    return domain.nics.back();
}

model::Device& CheckTest::add_device(const std::string& kind, const std::string& detail, const std::string& where)
{
    domain.devices.push_back({kind, detail, where});
    return domain.devices.back();
}

world::Inspector::Resident& CheckTest::add_resident(const Uuid& uuid, const std::string& name, bool active)
{
    residents.push_back({uuid, name, active, {}, {}});
    return residents.back();
}

model::Marker marker_of(const std::string& transaction)
{
    model::Marker marker;
    marker.transaction = *Uuid::parse(transaction);
    marker.epoch = 1;
    marker.controller = "admin-pc";
    return marker;
}

bool is_clean(const test::FakeHost& host, const std::string& directory)
{
    const auto files = host.files_in(directory);
    return host.transient_pools().empty() && std::none_of(files.begin(), files.end(), [](const std::string& name) {
               return name.find("probe") != std::string::npos;
           });
}

}  // namespace vmferry::checks
