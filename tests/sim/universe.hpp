// Two hosts, their links, one VM, virtual time, and the faults of one story. Single-threaded.
//
// Every call of the tool, every journal write and every step of libvirt's protocol is a point, counted
// from 1; a fault strikes at its point. The same story always meets the same points.

#pragma once

#include <bitset>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/engine/interrupt.hpp"
#include "core/model/plan.hpp"
#include "tests/sim/faults.hpp"
#include "tests/sim/flow.hpp"

namespace vmferry::sim {

/// Thrown through the engine where the tool is killed.
struct ToolDied {};

/// What the VM is like.
struct Shape {
    bool persistent = true;
    bool paused = false;
    bool autostart = false;
    bool nvram = false;
    bool busy = false;        ///< Converges only with a higher downtime limit.
    bool own_limits = false;  ///< Its downtime and speed limits are not the defaults.
    bool postcopy = false;    ///< Converges never, and may be moved by post-copy.
    model::SwitchMode switch_mode = model::SwitchMode::guarded;
    bool peer_to_peer = false;
    bool off = false;  ///< Shut off before the story.

    bool operator==(const Shape& other) const = default;
};

struct PointRecord {
    PointKind kind;
    std::string name;
    Ms at;
    std::bitset<k_most_fault_types> changes_nothing;  ///< The faults that would leave all as it is, by their number.
};

/// What happens to the call under way.
enum class Fate { none, refused, request_lost, reply_lost, late };

class Universe : private Net::Listener {
public:
    explicit Universe(const Shape& shape);
    ~Universe() override = default;
    Universe(const Universe&) = delete;
    Universe& operator=(const Universe&) = delete;

    // Time.
    Timeline time;
    /// Goes on until `done` or `deadline`; false at the deadline.
    bool wait(Ms deadline, const std::function<bool()>& done);
    void sleep(Ms duration);

    // The parts.
    Machine machines[2];
    Oracle oracle{time, machines, [this](Side side) { return net.is_heard(side); }};
    Net net{time, machines, *this};
    std::map<std::string, std::string> shared_files;  ///< Of the storage that both hosts see.
    std::vector<std::unique_ptr<Flow>> flows;
    Guest guest;
    Split split;
    bool postcopy = false;                                       ///< Of its shape.
    model::SwitchMode switch_mode = model::SwitchMode::guarded;  ///< Of its shape.
    bool peer_to_peer = false;
    Uuid vm;
    std::optional<Domain> imaged;  ///< The VM when its before image was taken.
    [[nodiscard]] Machine& machine(Side side) { return machines[index(side)]; }
    [[nodiscard]] Libvirtd& daemon(Side side) { return *m_daemons[index(side)]; }

    // Points and faults.
    void plan(std::vector<Fault> faults)
    {
        m_faults = std::move(faults);
        m_next_fault = 0;
    }
    /// Strikes what is planned here; a fate concerns the caller's own act.
    Fate point(PointKind kind, std::string_view name);
    [[nodiscard]] int points() const { return m_points; }
    void record_points(std::vector<PointRecord>* into) { m_record = into; }
    /// How late the effect of a call with Fate::late is.
    [[nodiscard]] Ms late_by() const { return m_late_by; }
    [[nodiscard]] Harm harm() const { return m_harm; }
    [[nodiscard]] bool all_struck() const { return m_next_fault >= m_faults.size(); }

    // The tool's process.
    void tool_starts(engine::Interrupt* interrupt);
    /// Its connections close, its migrate call ends with it.
    void tool_ends();
    /// The journal refuses writes until then.
    Ms journal_fails_until = 0;
    bool journal_unsure = false;  ///< This process writes no more.

    /// It stays off until everything is healed: the word that it is fenced is true.
    [[nodiscard]] bool is_off_for_good(Side side) const { return m_off_until[index(side)] >= k_forever; }
    /// Every link, daemon and host works again.
    void heal();
    Flow& start_flow(int source_connection, int target_connection, world::MigrationRequest request, world::Route route);

private:
    void client_lost(int connection) override;
    void server_lost(int connection) override;
    void strike(const FaultType& type, PointKind kind, Fate& fate);
    /// Whether strike() would be without any effect now. False where that is not certain.
    [[nodiscard]] bool changes_nothing(const FaultType& type) const;
    void record_point(PointKind kind, std::string_view name);
    void kill_tool(PointKind kind);
    void strike_host(const FaultType& type);
    void strike_human(const FaultType& type);
    void driver_dies(Side side);
    void power_off(Side side, Ms duration);
    void daemon_dies(Side side, Ms duration);
    void power_on(Side side);
    void daemon_starts(Side side);
    [[nodiscard]] Libvirtd::Hooks hooks(Side side);

    std::unique_ptr<Libvirtd> m_daemons[2];
    Ms m_off_until[2] = {0, 0};
    std::vector<Fault> m_faults;
    size_t m_next_fault = 0;
    int m_points = 0;
    std::vector<PointRecord>* m_record = nullptr;
    Harm m_harm = Harm::none;
    Ms m_late_by = 0;
    bool m_tool_dies = false;  ///< As soon as what happens at a host right now is over.
    engine::Interrupt* m_interrupt = nullptr;
};

/// The VM of all stories.
[[nodiscard]] const Uuid& the_vm();
inline constexpr int k_content = 7;  ///< Of the original definition, and of its NVRAM file.

}  // namespace vmferry::sim
