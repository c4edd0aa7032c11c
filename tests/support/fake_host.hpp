// A small working model of world::Host, in memory: what one writes, the other reads, as far as they
// mount the same store. Knows no libvirt and needs no model code beyond headers.
//
// - Any call can be told to fail, before or after it had its effect.
// - calls() lists what was asked, in order: "create_probe /srv/vm".
// - May be used from several threads.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/world/host.hpp"

namespace vmferry::test {

/// Storage that hosts mount: content of files by their path below the mount point.
struct FakeStore {
    std::mutex mutex;
    std::map<std::string, std::string> files;
};

class FakeHost final : public world::Host,
                       public world::Inspector,
                       public world::Controller,
                       public world::Datastore,
                       public world::Capabilities {
public:
    explicit FakeHost(std::string label);

    // What it is made of.
    void mount(const std::string& directory, std::shared_ptr<FakeStore> store);
    void add_file(const std::string& path, const std::string& content = "data");
    void add_domain(const model::DomainFacts& domain);
    std::map<std::string, std::string> block_identities;
    std::map<std::string, Presence> networks;
    std::map<std::string, Presence> bridges;
    std::map<std::string, Presence> network_filters;
    std::map<uint64_t, uint64_t> huge_pages_free;
    std::set<std::string> resolvable;   ///< Names that it can resolve.
    std::string run_state = "running";  ///< Of the emulator.
    std::set<std::string> estranged;    ///< Images that are root's.
    CpuVerdict cpu_verdict{true, {}};
    MachineVerdict machine_verdict{true, true, true, 255, {}};
    model::HostFacts host_facts;
    world::Disks* own_disks = nullptr;
    world::Images* own_images = nullptr;
    bool is_alive = true;
    int probe_reads_blind = 0;  ///< So many reads of a probe do not see it yet.

    // Faults.
    enum class When { before, after };  ///< Relative to the effect of the call.
    static constexpr int k_always = -1;
    void fail_call(const std::string& call, ErrorKind kind, When when = When::before, int times = k_always);

    // What happened.
    [[nodiscard]] std::vector<std::string> calls() const;
    [[nodiscard]] std::set<std::string> transient_pools() const;
    [[nodiscard]] std::set<std::string> files_in(const std::string& directory) const;

    const model::HostAddress& address() const override { return m_address; }
    bool alive() const override { return is_alive; }
    world::Inspector& inspect() override { return *this; }
    world::Controller& control() override { return *this; }
    world::Datastore& datastore() override { return *this; }
    world::Capabilities& capabilities() override { return *this; }
    world::Disks* disks() override { return own_disks; }
    world::Images* images() override { return own_images; }

    Result<Uuid> find(const std::string& name_or_uuid) override;
    Result<model::DomainFacts> describe(const Uuid& uuid) override;
    model::Observation observe(const Uuid& uuid, Milliseconds limit) override;
    Result<model::BeforeImage> before_image(const Uuid& uuid) override;
    Result<Definitions> definitions(const Uuid& uuid, const model::Marker& target_marker,
                                    const std::vector<model::DiskMove>& copies) override;
    Result<std::string> emulator_status(const Uuid& uuid) override;
    Result<std::vector<std::string>> estranged_images(const Uuid& uuid) override;
    Result<world::MigrationProgress> progress(const Uuid& uuid) override;
    Result<std::vector<Resident>> residents() override;

    Result<> resume(const Uuid& uuid) override;
    Result<> suspend(const Uuid& uuid) override;
    Result<> destroy(const Uuid& uuid) override;
    Result<> undefine(const Uuid& uuid, world::UndefineOptions options) override;
    Result<> set_autostart(const Uuid& uuid, bool on) override;
    Result<> set_marker(const Uuid& uuid, const model::Marker& marker) override;
    Result<> clear_marker(const Uuid& uuid) override;
    Result<> set_max_downtime(const Uuid& uuid, Milliseconds downtime) override;
    Result<> set_max_bandwidth(const Uuid& uuid, uint64_t limit_mib_s) override;
    Result<> abort_job(const Uuid& uuid) override;
    Result<> start_postcopy(const Uuid& uuid) override;
    Result<> break_postcopy(const Uuid& uuid) override;
    Result<> announce(const Uuid& uuid, int rounds) override;
    Result<> activate_images(const Uuid& uuid) override;
    Result<> give_image(const Uuid& uuid, const std::string& path) override;

    Result<> create_probe(const world::ProbeVolume& probe, const std::string& content) override;
    Result<std::optional<std::string>> read_probe(const world::ProbeVolume& probe) override;
    Result<> remove_probe(const world::ProbeVolume& probe, bool delete_volume) override;
    Result<bool> file_exists(const std::string& path) override;
    Result<> remove_file(const std::string& path) override;
    Result<std::string> block_identity(const std::string& path) override;

    Result<model::HostFacts> facts() override;
    Result<CpuVerdict> compare_cpu(const model::DomainFacts& domain) override;
    Result<MachineVerdict> supports_machine(const model::DomainFacts& domain) override;
    Result<Presence> network(const std::string& name) override;
    Result<Presence> bridge(const std::string& name) override;
    Result<Presence> network_filter(const std::string& name) override;
    Result<uint64_t> free_huge_pages(uint64_t page_size_bytes) override;
    Result<Reach> resolve_from_here(const std::string& host) override;

private:
    struct Fault {
        ErrorKind kind;
        When when;
        int times;
    };
    struct Place {
        std::shared_ptr<FakeStore> store;
        std::string path;
    };

    /// Notes the call and gives the failure that is due at that time.
    Result<> enter(const std::string& call, const std::string& detail);
    Result<> leave(const std::string& call);
    Result<> due(const std::string& call, When when);
    std::optional<Place> place_of(const std::string& path) const;
    /// Changes a domain that must exist, as one call.
    template <typename Change>
    Result<> change(const std::string& call, const Uuid& uuid, Change change);

    mutable std::mutex m_mutex;
    model::HostAddress m_address;
    std::map<std::string, std::shared_ptr<FakeStore>> m_mounts;
    std::map<Uuid, model::DomainFacts> m_domains;
    std::map<std::string, Fault> m_faults;
    std::set<std::string> m_pools;
    std::vector<std::string> m_calls;
};

}  // namespace vmferry::test
