#include "tests/support/fake_host.hpp"

namespace vmferry::test {

FakeHost::FakeHost(std::string label)
{
    m_address.label = label;
    host_facts.label = label;
    host_facts.hostname = label + ".example.org";
    mount("/", std::make_shared<FakeStore>());
}

void FakeHost::mount(const std::string& directory, std::shared_ptr<FakeStore> store)
{
    const std::scoped_lock lock(m_mutex);
    m_mounts[directory == "/" ? "" : directory] = std::move(store);
}

void FakeHost::add_file(const std::string& path, const std::string& content)
{
    const auto place = place_of(path);
    const std::scoped_lock lock(place->store->mutex);
    place->store->files[place->path] = content;
}

void FakeHost::add_domain(const model::DomainFacts& domain)
{
    const std::scoped_lock lock(m_mutex);
    m_domains[domain.uuid] = domain;
}

void FakeHost::fail_call(const std::string& call, ErrorKind kind, When when, int times)
{
    const std::scoped_lock lock(m_mutex);
    m_faults.insert_or_assign(call, Fault{kind, when, times});
}

std::vector<std::string> FakeHost::calls() const
{
    const std::scoped_lock lock(m_mutex);
    return m_calls;
}

std::set<std::string> FakeHost::transient_pools() const
{
    const std::scoped_lock lock(m_mutex);
    return m_pools;
}

std::set<std::string> FakeHost::files_in(const std::string& directory) const
{
    const auto place = place_of(directory + "/");
    std::set<std::string> names;
    const std::scoped_lock lock(place->store->mutex);
    for (const auto& [path, content] : place->store->files) {
        if (path.starts_with(place->path) && path.find('/', place->path.size()) == std::string::npos) {
            names.insert(path.substr(place->path.size()));
        }
    }
    return names;
}

Result<> FakeHost::due(const std::string& call, When when)
{
    const std::scoped_lock lock(m_mutex);
    const auto fault = m_faults.find(call);
    if (fault == m_faults.end() || fault->second.when != when || fault->second.times == 0) {
        return {};
    }
    if (fault->second.times > 0) {
        --fault->second.times;
    }
    return fail(fault->second.kind, call + " was told to fail");
}

Result<> FakeHost::enter(const std::string& call, const std::string& detail)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_calls.push_back(detail.empty() ? call : call + " " + detail);
    }
    return due(call, When::before);
}

Result<> FakeHost::leave(const std::string& call) { return due(call, When::after); }

std::optional<FakeHost::Place> FakeHost::place_of(const std::string& path) const
{
    const std::scoped_lock lock(m_mutex);
    std::optional<Place> place;
    for (const auto& [directory, store] : m_mounts) {  // Longer names of one root come later.
        if (path.starts_with(directory + "/")) {
            place = Place{store, path.substr(directory.size() + 1)};
        }
    }
    return place;
}

Result<Uuid> FakeHost::find(const std::string& name_or_uuid)
{
    VMF_TRY(enter("find", name_or_uuid));
    const std::scoped_lock lock(m_mutex);
    for (const auto& [uuid, domain] : m_domains) {
        if (domain.name == name_or_uuid || uuid.str() == name_or_uuid) {
            return uuid;
        }
    }
    return fail(ErrorKind::not_found, "no VM " + name_or_uuid);
}

Result<model::DomainFacts> FakeHost::describe(const Uuid& uuid)
{
    VMF_TRY(enter("describe", uuid.str()));
    const std::scoped_lock lock(m_mutex);
    const auto domain = m_domains.find(uuid);
    if (domain == m_domains.end()) {
        return fail(ErrorKind::not_found, "no VM " + uuid.str());
    }
    return domain->second;
}

model::Observation FakeHost::observe(const Uuid& uuid, Milliseconds /*limit*/)
{
    const auto domain = describe(uuid);
    model::Observation nothing;
    nothing.reachable = is_alive;
    return domain && is_alive ? domain->now : nothing;
}

Result<model::BeforeImage> FakeHost::before_image(const Uuid& uuid)
{
    VMF_TRY_ASSIGN(const model::DomainFacts domain, describe(uuid));
    model::BeforeImage image;
    image.state = domain.now;
    image.autostart = domain.autostart;
    return image;
}

Result<world::Inspector::Definitions> FakeHost::definitions(const Uuid& uuid, const model::Marker& target_marker,
                                                            const std::vector<model::DiskMove>& /*copies*/)
{
    VMF_TRY_ASSIGN(const model::DomainFacts domain, describe(uuid));
    return Definitions{domain.name + "\n", domain.name + "\n" + dump_json(model::to_json(target_marker)) + "\n"};
}

Result<world::MigrationProgress> FakeHost::progress(const Uuid& uuid)
{
    VMF_TRY(enter("progress", uuid.str()));
    return fail(ErrorKind::failed, "no job works on it");
}

Result<std::string> FakeHost::emulator_status(const Uuid& uuid)
{
    VMF_TRY(enter("emulator_status", uuid.str()));
    return run_state;
}

Result<std::vector<std::string>> FakeHost::estranged_images(const Uuid& uuid)
{
    VMF_TRY(enter("estranged_images", uuid.str()));
    return std::vector<std::string>(estranged.begin(), estranged.end());
}

Result<std::vector<world::Inspector::Resident>> FakeHost::residents()
{
    VMF_TRY(enter("residents", {}));
    const std::scoped_lock lock(m_mutex);
    std::vector<Resident> all;
    for (const auto& [uuid, domain] : m_domains) {
        Resident resident{uuid, domain.name, domain.now.active(), {}, domain.now.live_marker};
        for (const model::Nic& nic : domain.nics) {
            resident.macs.push_back(nic.mac);
        }
        all.push_back(resident);
    }
    return all;
}

template <typename Change>
Result<> FakeHost::change(const std::string& call, const Uuid& uuid, Change change)
{
    VMF_TRY(enter(call, uuid.str()));
    {
        const std::scoped_lock lock(m_mutex);
        const auto domain = m_domains.find(uuid);
        if (domain != m_domains.end()) {
            change(domain->second);
        }
    }
    return leave(call);
}

Result<> FakeHost::resume(const Uuid& uuid)
{
    return change("resume", uuid, [](model::DomainFacts& domain) { domain.now.state = model::RunState::running; });
}

Result<> FakeHost::suspend(const Uuid& uuid)
{
    return change("suspend", uuid, [](model::DomainFacts& domain) {
        domain.now.state = model::RunState::paused;
        domain.now.reason = model::StateReason::user;
    });
}

Result<> FakeHost::destroy(const Uuid& uuid)
{
    return change("destroy", uuid, [](model::DomainFacts& domain) {
        domain.now.state = model::RunState::shut_off;
        domain.now.id = -1;
        domain.now.exists = domain.now.persistent;
    });
}

Result<> FakeHost::undefine(const Uuid& uuid, world::UndefineOptions /*options*/)
{
    VMF_TRY(enter("undefine", uuid.str()));
    {
        const std::scoped_lock lock(m_mutex);
        m_domains.erase(uuid);
    }
    return leave("undefine");
}

Result<> FakeHost::set_autostart(const Uuid& uuid, bool on)
{
    return change("set_autostart", uuid, [on](model::DomainFacts& domain) { domain.autostart = on; });
}

Result<> FakeHost::set_marker(const Uuid& uuid, const model::Marker& marker)
{
    return change("set_marker", uuid, [&](model::DomainFacts& domain) {
        domain.now.live_marker = marker;
        domain.now.inactive_marker = marker;
    });
}

Result<> FakeHost::clear_marker(const Uuid& uuid)
{
    return change("clear_marker", uuid, [](model::DomainFacts& domain) {
        domain.now.live_marker.reset();
        domain.now.inactive_marker.reset();
    });
}

Result<> FakeHost::set_max_downtime(const Uuid& uuid, Milliseconds /*downtime*/)
{
    return change("set_max_downtime", uuid, [](model::DomainFacts& /*domain*/) {});
}

Result<> FakeHost::set_max_bandwidth(const Uuid& uuid, uint64_t /*limit_mib_s*/)
{
    return change("set_max_bandwidth", uuid, [](model::DomainFacts& /*domain*/) {});
}

Result<> FakeHost::start_postcopy(const Uuid& uuid)
{
    return change("start_postcopy", uuid, [](model::DomainFacts& /*domain*/) {});
}

Result<> FakeHost::break_postcopy(const Uuid& uuid)
{
    return change("break_postcopy", uuid, [](model::DomainFacts& /*domain*/) {});
}

Result<> FakeHost::abort_job(const Uuid& uuid)
{
    return change("abort_job", uuid, [](model::DomainFacts& domain) { domain.now.job_active = false; });
}

Result<> FakeHost::announce(const Uuid& uuid, int /*rounds*/)
{
    return change("announce", uuid, [](model::DomainFacts& /*domain*/) {});
}

Result<> FakeHost::activate_images(const Uuid& uuid)
{
    return change("activate_images", uuid, [](model::DomainFacts& /*domain*/) {});
}

Result<> FakeHost::give_image(const Uuid& /*uuid*/, const std::string& path)
{
    VMF_TRY(enter("give_image", path));
    estranged.erase(path);
    return leave("give_image");
}

Result<> FakeHost::create_probe(const world::ProbeVolume& probe, const std::string& content)
{
    VMF_TRY(enter("create_probe", probe.directory));
    const auto place = place_of(probe.directory + "/" + probe.name);
    {
        const std::scoped_lock lock(m_mutex, place->store->mutex);
        m_pools.insert(probe.pool);
        if (!place->store->files.try_emplace(place->path, content).second) {
            return fail(ErrorKind::failed, "volume exists: " + probe.name);
        }
    }
    return leave("create_probe");
}

Result<std::optional<std::string>> FakeHost::read_probe(const world::ProbeVolume& probe)
{
    VMF_TRY(enter("read_probe", probe.directory));
    const auto place = place_of(probe.directory + "/" + probe.name);
    std::optional<std::string> content;
    {
        const std::scoped_lock lock(m_mutex, place->store->mutex);
        m_pools.insert(probe.pool);
        const auto file = place->store->files.find(place->path);
        if (probe_reads_blind > 0) {
            --probe_reads_blind;
        } else if (file != place->store->files.end()) {
            content = file->second;
        }
    }
    VMF_TRY(leave("read_probe"));
    return content;
}

Result<> FakeHost::remove_probe(const world::ProbeVolume& probe, bool delete_volume)
{
    VMF_TRY(enter("remove_probe", probe.directory));
    const auto place = place_of(probe.directory + "/" + probe.name);
    {
        const std::scoped_lock lock(m_mutex, place->store->mutex);
        m_pools.erase(probe.pool);
        if (delete_volume) {
            place->store->files.erase(place->path);
        }
    }
    return leave("remove_probe");
}

Result<bool> FakeHost::file_exists(const std::string& path)
{
    VMF_TRY(enter("file_exists", path));
    const auto place = place_of(path);
    const std::scoped_lock lock(place->store->mutex);
    return place->store->files.contains(place->path);
}

Result<> FakeHost::remove_file(const std::string& path)
{
    VMF_TRY(enter("remove_file", path));
    const auto place = place_of(path);
    {
        const std::scoped_lock lock(place->store->mutex);
        place->store->files.erase(place->path);
    }
    return leave("remove_file");
}

Result<std::string> FakeHost::block_identity(const std::string& path)
{
    VMF_TRY(enter("block_identity", path));
    const auto identity = block_identities.find(path);
    if (identity == block_identities.end()) {
        return fail(ErrorKind::not_found, "no device " + path);
    }
    return identity->second;
}

Result<model::HostFacts> FakeHost::facts()
{
    VMF_TRY(enter("facts", {}));
    return host_facts;
}

Result<world::Capabilities::CpuVerdict> FakeHost::compare_cpu(const model::DomainFacts& /*domain*/)
{
    VMF_TRY(enter("compare_cpu", {}));
    return cpu_verdict;
}

Result<world::Capabilities::MachineVerdict> FakeHost::supports_machine(const model::DomainFacts& /*domain*/)
{
    VMF_TRY(enter("supports_machine", {}));
    return machine_verdict;
}

namespace {

world::Capabilities::Presence presence_in(const std::map<std::string, world::Capabilities::Presence>& known,
                                          const std::string& name)
{
    const auto entry = known.find(name);
    return entry == known.end() ? world::Capabilities::Presence::absent : entry->second;
}

}  // namespace

Result<world::Capabilities::Presence> FakeHost::network(const std::string& name)
{
    VMF_TRY(enter("network", name));
    return presence_in(networks, name);
}

Result<world::Capabilities::Presence> FakeHost::bridge(const std::string& name)
{
    VMF_TRY(enter("bridge", name));
    return presence_in(bridges, name);
}

Result<world::Capabilities::Presence> FakeHost::network_filter(const std::string& name)
{
    VMF_TRY(enter("network_filter", name));
    return presence_in(network_filters, name);
}

Result<uint64_t> FakeHost::free_huge_pages(uint64_t page_size_bytes)
{
    VMF_TRY(enter("free_huge_pages", {}));
    const auto pages = huge_pages_free.find(page_size_bytes);
    return pages == huge_pages_free.end() ? 0 : pages->second;
}

Result<world::Capabilities::Reach> FakeHost::resolve_from_here(const std::string& host)
{
    VMF_TRY(enter("resolve_from_here", host));
    return Reach{resolvable.contains(host), {}};
}

}  // namespace vmferry::test
