#include "tests/unit/core/phases/storage_world.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/support/fake_host.hpp"

namespace vmferry::test {

namespace {

/// Of every image of the VM.
const world::FileAccess k_looks{"107:107", "0640"};

}  // namespace

StorageWorld::StorageWorld()
{
    for (const char* target : {"vda", "vdb"}) {
        const std::string path = std::string("/old/") + target;
        images[path] = 0;
        disks[target] = {path, path, "", false, 0};
    }
}

bool StorageWorld::uses(const std::string& path) const
{
    return std::any_of(disks.begin(), disks.end(), [&](const auto& one) {
        const Disk& disk = one.second;
        return (active && (disk.live == path || disk.copy == path)) || disk.inactive == path;
    });
}

void StorageWorld::let_guest_write()
{
    if (active && !paused) {
        ++written;
        ++processor_time;
    }
    for (auto& [target, disk] : disks) {
        if (!active) {
            continue;
        }
        if (!images.contains(disk.live)) {
            damage.push_back("the image in use by " + target + " is gone: " + disk.live);
            continue;
        }
        changes[disk.live] += paused ? 0U : 1U;
        images[disk.live] = paused ? images[disk.live] : written;
        if (!disk.copy.empty() && !disk.ready && --disk.looks_left <= 0) {
            disk.ready = true;
        }
        if (disk.ready && images.contains(disk.copy)) {
            images[disk.copy] = images[disk.live];
        }
        if (disk.calls_to_pivot > 0 && --disk.calls_to_pivot == 0) {
            pivot(target);
        }
    }
}

void StorageWorld::enter()
{
    m_calls += m_armed ? 1 : 0;
    if (const auto event = events.find(m_calls); event != events.end()) {
        event->second();
    }
    let_guest_write();
    if (m_calls == kill_at_call && !kill_after_effect) {
        throw Killed();
    }
}

void StorageWorld::leave() const
{
    if (m_calls == kill_at_call && kill_after_effect) {
        throw Killed();
    }
}

void StorageWorld::destroy()
{
    active = paused = false;
    for (auto& [target, disk] : disks) {
        disk.live.clear();
        disk.copy.clear();
        disk.ready = false;
        disk.calls_to_pivot = 0;
    }
}

void StorageWorld::start()
{
    active = true;
    paused = false;
    ++id;
    processor_time = 1;
    for (auto& [target, disk] : disks) {
        disk.live = disk.inactive;
        ++changes[disk.live];
        if (images[disk.live] != written) {
            damage.push_back(target + " was started from an image that lacks writes: " + disk.live);
        }
    }
}

void StorageWorld::use()
{
    if (active) {
        return;
    }
    start();
    let_guest_write();
    destroy();
}

void StorageWorld::pivot(const std::string& target)
{
    Disk& disk = disks[target];
    disk.live = disk.copy;
    disk.copy.clear();
    disk.ready = false;
    if (!forgets_definition.contains(target)) {
        disk.inactive = disk.live;
    }
}

std::vector<std::string> StorageWorld::problems() const
{
    std::vector<std::string> found = damage;
    std::set<std::string> sides;
    for (const auto& [target, disk] : disks) {
        const std::string& used = active ? disk.live : disk.inactive;
        const auto image = images.find(used);
        sides.insert(used.substr(0, 4));
        if (image == images.end() || image->second != written) {
            found.push_back(target + " lacks writes: " + used);
        }
        if (active && disk.inactive != disk.live) {
            found.push_back(target + " is defined with " + disk.inactive);
        }
        if (!disk.copy.empty()) {
            found.push_back(target + " is still copied to " + disk.copy);
        }
    }
    if (active && paused) {
        found.emplace_back("the guest stands");
    }
    if (sides.size() != 1) {
        found.emplace_back("disks are on different sides");
    }
    return found;
}

namespace {

constexpr size_t k_content_bytes = sizeof(uint64_t);

class NumberReader final : public world::ImageReader {
public:
    NumberReader(StorageWorld& truth, std::string path) : m_truth(truth), m_path(std::move(path)) {}
    Result<world::ImagePiece> next() override
    {
        return m_truth.call([&]() -> Result<world::ImagePiece> {
            if (std::exchange(m_ended, true)) {
                return world::ImagePiece{};
            }
            const auto bytes = std::make_shared<char[]>(k_content_bytes);
            std::memcpy(bytes.get(), &m_truth.images[m_path], k_content_bytes);
            return world::ImagePiece{bytes, k_content_bytes};
        });
    }

private:
    StorageWorld& m_truth;
    std::string m_path;
    bool m_ended = false;
};

class NumberWriter final : public world::ImageWriter {
public:
    NumberWriter(StorageWorld& truth, std::string path) : m_truth(truth), m_path(std::move(path)) {}
    Result<> put(const world::ImagePiece& piece) override
    {
        return m_truth.call([&]() -> Result<> {
            std::memcpy(&m_truth.images[m_path], piece.bytes.get(), k_content_bytes);
            ++m_truth.changes[m_path];
            return {};
        });
    }
    Result<> finish() override
    {
        return m_truth.call([]() -> Result<> { return {}; });
    }
    Result<bool> sync() override { return false; }

private:
    StorageWorld& m_truth;
    std::string m_path;
};

/// Of a VM that is off: files, and the definition that names them.
class StillFiles final : public world::Images, public world::Records {
public:
    explicit StillFiles(StorageWorld& truth) : m_truth(truth) {}

    Result<world::ImageFile> look(const std::string& path) override
    {
        return m_truth.call([&]() -> Result<world::ImageFile> {
            if (!m_truth.images.contains(path)) {
                return fail(ErrorKind::not_found, "there is no " + path);
            }
            const std::string changed = std::to_string(m_truth.changes[path]);
            return world::ImageFile{{k_content_bytes, changed, changed}, k_content_bytes, {}};
        });
    }
    bool seems_here(const std::string&) override { return false; }
    bool holds_here(const std::string&, const std::string&) override { return false; }
    Result<std::unique_ptr<world::ImageReader>> read(const world::ImagePlace& place) override
    {
        return std::make_unique<NumberReader>(m_truth, place.path);
    }
    Result<std::unique_ptr<world::ImageWriter>> write(const world::ImagePlace& place, uint64_t) override
    {
        return std::make_unique<NumberWriter>(m_truth, place.path);
    }
    Result<> close(const world::ImagePlace&) override { return {}; }

    Result<world::Portable> read(const Uuid&) override { return world::Portable{}; }
    Result<> define_bolted(const Uuid&, const world::Portable&, const model::Marker&) override { return {}; }
    Result<std::string> definition_with(const Uuid&, const std::vector<world::FileRename>& renames) override
    {
        return m_truth.call([&]() -> Result<std::string> {
            std::string text;
            for (const auto& [target, disk] : m_truth.disks) {
                text += renamed(disk.inactive, renames) + " ";
            }
            return text;
        });
    }
    Result<> rename_files(const Uuid&, const std::vector<world::FileRename>& renames) override
    {
        return m_truth.call([&]() -> Result<> {
            for (auto& [target, disk] : m_truth.disks) {
                disk.inactive = renamed(disk.inactive, renames);
            }
            return {};
        });
    }
    Result<bool> is_bolted(const Uuid&) override { return false; }
    Result<> unbolt(const Uuid&) override { return {}; }

private:
    static std::string renamed(const std::string& path, const std::vector<world::FileRename>& renames)
    {
        const auto found = std::find_if(renames.begin(), renames.end(),
                                        [&](const world::FileRename& one) { return one.from == path; });
        return found == renames.end() ? path : found->to;
    }

    StorageWorld& m_truth;
};

class StorageHost final : public world::Host,
                          public world::Inspector,
                          public world::Controller,
                          public world::Datastore,
                          public world::Disks {
public:
    StorageHost(StorageWorld& truth, model::HostAddress address)
        : m_truth(truth), m_address(std::move(address)), m_rest(m_address.label), m_files(truth)
    {
    }

    const model::HostAddress& address() const override { return m_address; }
    bool alive() const override { return true; }
    world::Inspector& inspect() override { return *this; }
    world::Controller& control() override { return *this; }
    world::Datastore& datastore() override { return *this; }
    world::Capabilities& capabilities() override { return m_rest; }
    world::Disks* disks() override { return this; }
    world::Images* images() override { return &m_files; }
    world::Records* records() override { return &m_files; }

    Result<Uuid> find(const std::string&) override { return m_truth.vm; }
    Result<model::DomainFacts> describe(const Uuid& uuid) override
    {
        model::DomainFacts facts;
        facts.uuid = uuid;
        facts.name = "web1";
        facts.now = seen();
        for (const auto& [target, disk] : m_truth.disks) {
            model::Disk& one = facts.disks.emplace_back();
            one.target = target;
            one.device = "disk";
            one.kind = model::DiskKind::file;
            one.source = m_truth.active ? disk.live : disk.inactive;
            one.format = "raw";
            if (!disk.copy.empty()) {
                facts.block_jobs.push_back(target);
            }
        }
        return facts;
    }
    model::Observation observe(const Uuid&, Milliseconds) override
    {
        return m_truth.call([&] { return seen(); });
    }
    Result<model::BeforeImage> before_image(const Uuid&) override
    {
        return m_truth.call([&]() -> Result<model::BeforeImage> {
            model::BeforeImage image;
            image.state = seen();
            for (const auto& [target, disk] : m_truth.disks) {
                image.live_xml += disk.live + " ";
                image.inactive_xml += disk.inactive + " ";
                if (!disk.copy.empty()) {
                    image.block_jobs.push_back(target);
                }
            }
            return image;
        });
    }
    Result<Definitions> definitions(const Uuid& uuid, const model::Marker& marker,
                                    const std::vector<model::DiskMove>& copies) override
    {
        return m_rest.definitions(uuid, marker, copies);
    }
    Result<std::string> emulator_status(const Uuid&) override { return std::string("running"); }
    Result<std::vector<Resident>> residents() override { return std::vector<Resident>(); }

    Result<> resume(const Uuid&) override
    {
        return act([&]() -> Result<> {
            if (!m_truth.active) {
                return fail(ErrorKind::failed, "it is off");
            }
            m_truth.paused = false;
            return {};
        });
    }
    Result<> suspend(const Uuid&) override
    {
        return act([&]() -> Result<> {
            if (!m_truth.active) {
                return fail(ErrorKind::failed, "it is off");
            }
            m_truth.paused = true;
            return {};
        });
    }
    Result<> set_marker(const Uuid&, const model::Marker& marker) override
    {
        return act([&]() -> Result<> {
            m_truth.marker = marker;
            return {};
        });
    }
    Result<> clear_marker(const Uuid&) override
    {
        return act([&]() -> Result<> {
            m_truth.marker.reset();
            return {};
        });
    }
    Result<> destroy(const Uuid&) override { return forbidden("destroy"); }
    Result<> undefine(const Uuid&, world::UndefineOptions) override { return forbidden("undefine"); }
    Result<> set_autostart(const Uuid&, bool) override { return forbidden("set_autostart"); }
    Result<> set_max_downtime(const Uuid&, Milliseconds) override { return forbidden("set_max_downtime"); }
    Result<> set_max_bandwidth(const Uuid&, uint64_t) override { return forbidden("set_max_bandwidth"); }
    Result<> give_image(const Uuid&, const std::string&) override { return forbidden("give_image"); }
    Result<std::vector<std::string>> estranged_images(const Uuid&) override { return std::vector<std::string>(); }
    Result<world::MigrationProgress> progress(const Uuid&) override { return world::MigrationProgress(); }
    Result<> abort_job(const Uuid&) override { return forbidden("abort_job"); }
    Result<> start_postcopy(const Uuid&) override { return forbidden("start_postcopy"); }
    Result<> break_postcopy(const Uuid&) override { return forbidden("break_postcopy"); }
    Result<> announce(const Uuid&, int) override { return forbidden("announce"); }
    Result<> activate_images(const Uuid&) override { return forbidden("activate_images"); }

    Result<> create_probe(const world::ProbeVolume&, const std::string&) override { return forbidden("probe"); }
    Result<std::optional<std::string>> read_probe(const world::ProbeVolume&) override
    {
        return std::optional<std::string>();
    }
    Result<> remove_probe(const world::ProbeVolume&, bool) override { return forbidden("probe"); }
    Result<bool> file_exists(const std::string& path) override
    {
        return m_truth.call([&]() -> Result<bool> { return m_truth.images.contains(path); });
    }
    Result<> remove_file(const std::string&) override { return forbidden("remove_file"); }
    Result<std::string> block_identity(const std::string&) override { return std::string(); }

    Result<std::vector<world::DiskState>> states(const Uuid&) override
    {
        return m_truth.call([&]() -> Result<std::vector<world::DiskState>> {
            std::vector<world::DiskState> states;
            for (const auto& [target, disk] : m_truth.disks) {
                const bool ending = disk.calls_to_pivot > 0;
                states.push_back(
                    {target, disk.live, "raw", disk.inactive, "raw", disk.copy, disk.ready && !ending, ending});
            }
            return states;
        });
    }
    Result<world::DiskSize> size(const Uuid&, const std::string&) override { return world::DiskSize{64, 64}; }
    Result<> start_copy(const Uuid&, const world::CopyOrder& order) override
    {
        return act([&]() -> Result<> {
            StorageWorld::Disk& disk = m_truth.disks[order.target];
            if (!m_truth.active || !disk.copy.empty() || !m_truth.images.contains(order.path)) {
                return fail(ErrorKind::failed, "it cannot be copied");
            }
            disk.copy = order.path;
            disk.ready = false;
            disk.looks_left = 3;
            m_truth.images[order.path] = 0;  // Incomplete: whoever used it would lose writes.
            return {};
        });
    }
    Result<world::FileAccess> access(const std::string&) override
    {
        return m_truth.call([] { return Result<world::FileAccess>(k_looks); });
    }
    Result<world::CopyProgress> copy_progress(const Uuid&, const std::string& target) override
    {
        return m_truth.call([&]() -> Result<world::CopyProgress> {
            const StorageWorld::Disk& disk = m_truth.disks[target];
            if (disk.copy.empty()) {
                return fail(ErrorKind::not_found, "no job");
            }
            world::CopyProgress progress;
            progress.target = target;
            progress.total_bytes = 64;
            progress.done_bytes = disk.ready ? 64 : 32;
            return progress;
        });
    }
    Result<> unlimit_copy(const Uuid&, const std::string&) override { return {}; }
    Result<> pivot(const Uuid&, const std::string& target) override
    {
        return act([&]() -> Result<> {
            StorageWorld::Disk& disk = m_truth.disks[target];
            if (!m_truth.active || disk.copy.empty() || !disk.ready || disk.calls_to_pivot > 0 ||
                m_truth.refuses_pivot.contains(target)) {
                return fail(ErrorKind::failed, "it will not change");
            }
            disk.calls_to_pivot = 3;  // It is asked for, and happens in a while.
            return {};
        });
    }
    Result<> end_copy(const Uuid&, const std::string& target) override
    {
        return act([&]() -> Result<> {
            StorageWorld::Disk& disk = m_truth.disks[target];
            if (disk.calls_to_pivot > 0) {
                return fail(ErrorKind::failed, "it is just changing");
            }
            disk.copy.clear();
            disk.ready = false;
            return {};
        });
    }
    Result<> set_inactive(const Uuid&, const std::string& target, const std::string& path, const std::string&) override
    {
        return act([&]() -> Result<> {
            m_truth.disks[target].inactive = path;
            return {};
        });
    }
    Result<world::Place> place(const std::string& name) override { return world::Place{name, "", uint64_t{1} << 40}; }
    Result<> create_image(const world::ImageOrder& order) override
    {
        return act([&]() -> Result<> {
            if (m_truth.images.contains(order.path)) {
                return fail(ErrorKind::failed, "it exists");
            }
            if (order.owner != k_looks.owner || order.mode != k_looks.mode) {
                m_truth.damage.push_back(order.path + " is not as accessible as the old image");
            }
            m_truth.images[order.path] = 0;
            return {};
        });
    }
    Result<> delete_image(const std::string& path, const std::string&) override
    {
        return act([&]() -> Result<> {
            if (m_truth.uses(path)) {
                m_truth.damage.push_back("an image in use was deleted: " + path);
            }
            m_truth.images.erase(path);
            return {};
        });
    }
    Result<std::vector<std::string>> users_of(const std::string& path) override
    {
        return m_truth.call([&]() -> Result<std::vector<std::string>> {
            return m_truth.uses(path) ? std::vector<std::string>{"web1"} : std::vector<std::string>{};
        });
    }

private:
    Result<> act(const std::function<Result<>()>& effect) { return m_truth.call(effect); }
    Result<> forbidden(const std::string& what)
    {
        m_truth.damage.push_back("a storage-move has no business with " + what);
        return {};
    }
    [[nodiscard]] model::Observation seen() const
    {
        model::Observation now;
        now.reachable = now.exists = now.persistent = true;
        now.state = !m_truth.active  ? model::RunState::shut_off
                    : m_truth.paused ? model::RunState::paused
                                     : model::RunState::running;
        now.reason = m_truth.paused ? model::StateReason::user : model::StateReason::other;
        now.id = m_truth.active ? m_truth.id : -1;
        now.cpu_time_ns = m_truth.active ? m_truth.processor_time : 0;
        now.live_marker = now.inactive_marker = m_truth.marker;
        return now;
    }

    StorageWorld& m_truth;
    model::HostAddress m_address;
    FakeHost m_rest;
    StillFiles m_files;
};

class MortalStore final : public journal::Store {
public:
    MortalStore(journal::Store& store, StorageWorld& truth) : m_store(store), m_truth(truth) {}
    Result<journal::Entry> begin(const journal::TransactionHead& head, const SharedJson& body,
                                 std::span<const journal::Draft> more) override
    {
        return m_truth.call([&] { return m_store.begin(head, body, more); });
    }
    Result<> append(const Uuid& transaction, std::span<const journal::Draft> drafts) override
    {
        return m_truth.call([&] { return m_store.append(transaction, drafts); });
    }
    Result<> adopt(const Uuid& transaction) override { return m_store.adopt(transaction); }
    Result<std::vector<journal::Entry>> entries(const Uuid& transaction) override
    {
        return m_store.entries(transaction);
    }
    Result<std::vector<journal::TransactionRow>> transactions() override { return m_store.transactions(); }
    Result<journal::TransactionRow> find(std::string_view id) override { return m_store.find(id); }
    Result<int64_t> highest_epoch(const Uuid& vm) override { return m_store.highest_epoch(vm); }
    Result<journal::ChainReport> verify_chain() override { return m_store.verify_chain(); }
    [[nodiscard]] int64_t durable_writes() const override { return m_store.durable_writes(); }

private:
    journal::Store& m_store;
    StorageWorld& m_truth;
};

}  // namespace

Result<std::unique_ptr<world::Host>> StorageHypervisor::open(const model::HostAddress& address, Milliseconds /*limit*/)
{
    return std::unique_ptr<world::Host>(std::make_unique<StorageHost>(m_truth, address));
}

std::unique_ptr<journal::Store> mortal_store(journal::Store& store, StorageWorld& truth)
{
    return std::make_unique<MortalStore>(store, truth);
}

}  // namespace vmferry::test
