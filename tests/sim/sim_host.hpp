// One observer connection to a simulated host.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/world/host.hpp"
#include "tests/sim/rules.hpp"
#include "tests/sim/universe.hpp"

namespace vmferry::sim {

/// One host, as an effect sees it that may come when its caller has long gone.
struct Site {
    Universe& universe;
    Side side;

    [[nodiscard]] Machine& machine() const { return universe.machine(side); }
    [[nodiscard]] Domain& domain() const { return machine().domain; }
    [[nodiscard]] Libvirtd& daemon() const { return universe.daemon(side); }
    [[nodiscard]] model::Observation look() const;
};

class SimHost final : public world::Host,
                      public world::Inspector,
                      public world::Controller,
                      public world::Datastore,
                      public world::Capabilities,
                      public world::Records {
public:
    SimHost(Universe& universe, Rules& rules, Side side, int connection);
    ~SimHost() override { m_universe.net.close(m_connection); }

    [[nodiscard]] int connection() const { return m_connection; }

    [[nodiscard]] const model::HostAddress& address() const override { return m_address; }
    [[nodiscard]] bool alive() const override { return m_universe.net.client_open(m_connection); }
    [[nodiscard]] world::Inspector& inspect() override { return *this; }
    [[nodiscard]] world::Controller& control() override { return *this; }
    [[nodiscard]] world::Datastore& datastore() override { return *this; }
    [[nodiscard]] world::Capabilities& capabilities() override { return *this; }
    [[nodiscard]] world::Records* records() override { return this; }

    [[nodiscard]] Result<Uuid> find(const std::string& name_or_uuid) override;
    [[nodiscard]] Result<model::DomainFacts> describe(const Uuid& uuid) override;
    [[nodiscard]] model::Observation observe(const Uuid& uuid, Milliseconds limit) override;
    [[nodiscard]] Result<model::BeforeImage> before_image(const Uuid& uuid) override;
    [[nodiscard]] Result<Definitions> definitions(const Uuid& uuid, const model::Marker& target_marker,
                                                  const std::vector<model::DiskMove>& copies) override;
    [[nodiscard]] Result<std::string> emulator_status(const Uuid& uuid) override;
    [[nodiscard]] Result<std::vector<std::string>> estranged_images(const Uuid& uuid) override;
    [[nodiscard]] Result<world::MigrationProgress> progress(const Uuid& uuid) override;
    [[nodiscard]] Result<std::vector<Resident>> residents() override;

    [[nodiscard]] Result<> resume(const Uuid& uuid) override;
    [[nodiscard]] Result<> suspend(const Uuid& uuid) override;
    [[nodiscard]] Result<> destroy(const Uuid& uuid) override;
    [[nodiscard]] Result<> undefine(const Uuid& uuid, world::UndefineOptions options) override;
    [[nodiscard]] Result<> set_autostart(const Uuid& uuid, bool on) override;
    [[nodiscard]] Result<> set_marker(const Uuid& uuid, const model::Marker& marker) override;
    [[nodiscard]] Result<> clear_marker(const Uuid& uuid) override;
    [[nodiscard]] Result<> set_max_downtime(const Uuid& uuid, Milliseconds downtime) override;
    [[nodiscard]] Result<> set_max_bandwidth(const Uuid& uuid, uint64_t limit_mib_s) override;
    [[nodiscard]] Result<> abort_job(const Uuid& uuid) override;
    [[nodiscard]] Result<> start_postcopy(const Uuid& uuid) override;
    [[nodiscard]] Result<> break_postcopy(const Uuid& uuid) override;
    [[nodiscard]] Result<> announce(const Uuid& uuid, int rounds) override;
    [[nodiscard]] Result<> activate_images(const Uuid& uuid) override;
    [[nodiscard]] Result<> give_image(const Uuid& uuid, const std::string& path) override;

    [[nodiscard]] Result<> create_probe(const world::ProbeVolume& probe, const std::string& content) override;
    [[nodiscard]] Result<std::optional<std::string>> read_probe(const world::ProbeVolume& probe) override;
    [[nodiscard]] Result<> remove_probe(const world::ProbeVolume& probe, bool delete_volume) override;
    [[nodiscard]] Result<bool> file_exists(const std::string& path) override;
    [[nodiscard]] Result<> remove_file(const std::string& path) override;
    [[nodiscard]] Result<std::string> block_identity(const std::string& path) override;

    [[nodiscard]] Result<model::HostFacts> facts() override;
    [[nodiscard]] Result<CpuVerdict> compare_cpu(const model::DomainFacts& domain) override;
    [[nodiscard]] Result<MachineVerdict> supports_machine(const model::DomainFacts& domain) override;
    [[nodiscard]] Result<Presence> network(const std::string& name) override;
    [[nodiscard]] Result<Presence> bridge(const std::string& name) override;
    [[nodiscard]] Result<Presence> network_filter(const std::string& name) override;
    [[nodiscard]] Result<uint64_t> free_huge_pages(uint64_t page_size_bytes) override;
    [[nodiscard]] Result<Reach> resolve_from_here(const std::string& host) override;

    [[nodiscard]] Result<world::Portable> read(const Uuid& uuid) override;
    [[nodiscard]] Result<> define_bolted(const Uuid& uuid, const world::Portable& vm,
                                         const model::Marker& marker) override;
    [[nodiscard]] Result<bool> is_bolted(const Uuid& uuid) override;
    [[nodiscard]] Result<> unbolt(const Uuid& uuid) override;

    /// One question to the daemon.
    template <typename T>
    [[nodiscard]] Result<T> ask(std::string_view name, Ms limit, std::function<Result<T>()> question, Ms takes = 0);
    /// One act. `object` is what the ledger must name for it, where that is not ACT:SIDE.
    [[nodiscard]] Result<> act(std::string_view name, std::function<Done()> effect, Ms takes = 0,
                               std::string_view object = {});

private:
    Universe& m_universe;
    Rules& m_rules;
    Side m_side;
    Site m_site;
    int m_connection;
    model::HostAddress m_address;
};

}  // namespace vmferry::sim
