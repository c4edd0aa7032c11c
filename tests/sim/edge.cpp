#include "tests/sim/edge.hpp"

#include "tests/sim/sim_host.hpp"
#include "tests/sim/talk.hpp"

namespace vmferry::sim {

namespace {

constexpr Ms k_handshake = 3;

class SimMigration final : public world::Migration {
public:
    SimMigration(Universe& universe, Rules& rules, Flow& flow, int source)
        : m_universe(universe), m_rules(rules), m_flow(flow), m_source(source)
    {
    }

    [[nodiscard]] world::MigrationEvent next(Milliseconds limit) override
    {
        m_universe.point(PointKind::wait, "next");
        auto& events = m_flow.events();
        const Ms deadline = m_universe.time.now() + limit.count();
        if (!m_universe.wait(deadline, [&] { return !events.empty(); })) {
            return world::MigrationEvent::timeout;
        }
        const world::MigrationEvent event = events.front();
        events.pop_front();
        return event;
    }
    void wake() override { m_flow.push(world::MigrationEvent::woken); }
    [[nodiscard]] Result<world::MigrationProgress> progress() override
    {
        constexpr Ms k_progress = 1500;
        return Talk<world::MigrationProgress>(m_universe, m_source, false, "progress")
            .run(k_progress, 0,
                 [flow = &m_flow] { return std::optional<Result<world::MigrationProgress>>(flow->progress()); });
    }
    void hold_finish() override { m_flow.hold_finish(); }
    void pass_finish(bool start) override { m_flow.pass_finish(start); }
    void release() override
    {
        m_rules.check("release", Side::target);
        m_flow.release();
    }
    void drop() override
    {
        m_rules.check("drop", Side::target);
        m_flow.drop();
    }
    [[nodiscard]] Result<> ready_to_fence() override
    {
        constexpr Ms k_limit = 1000;
        return Talk<void>(m_universe, m_source, false, "ready").run(k_limit, 0, [at = source_in()] {
            return at.stands();
        });
    }
    /// What is asked at last and the end are one moment here; between two hosts some milliseconds lie between them.
    [[nodiscard]] Result<> fence(Milliseconds limit) override
    {
        m_rules.check("fence", Side::source);
        return Talk<void>(m_universe, m_source, true, "fence").run(limit.count(), 0, [at = source_in()]() -> Done {
            if (const Done stood = at.stands(); !*stood) {
                return stood;
            }
            at.universe.daemon(at.side).end_instance(StateReason::shutdown, Cause::tool);
            return Result<>{};
        });
    }
    [[nodiscard]] std::optional<Result<>> result() const override { return m_flow.result(); }
    [[nodiscard]] std::optional<world::MigrationProgress> completed() override { return std::nullopt; }

private:
    /// What a request needs that arrives after the tool has died.
    struct SourceIn {
        Universe& universe;
        Side side;

        [[nodiscard]] Done stands() const
        {
            const auto& live = universe.machine(side).domain.live;
            return live && live->qemu == Qemu::postmigrate ? Result<>{} : fail(ErrorKind::failed, "it does not stand");
        }
    };
    [[nodiscard]] SourceIn source_in() const { return {m_universe, m_universe.net.side_of(m_source)}; }

    Universe& m_universe;
    Rules& m_rules;
    Flow& m_flow;
    int m_source;
};

class SimDriver final : public world::Hypervisor::Driver {
public:
    SimDriver(Universe& universe, Rules& rules, int source, int target, world::Route route)
        : m_universe(universe), m_rules(rules), m_source(source), m_target(target), m_route(route)
    {
    }

    [[nodiscard]] Result<std::unique_ptr<world::Migration>> start(const world::MigrationRequest& request) override
    {
        const Fate fate = m_universe.point(PointKind::before_act, "migrate");
        m_rules.check(request.postcopy == world::PostCopyCall::resume ? "migrate-again" : "migrate", Side::source);
        if (fate == Fate::refused || !m_universe.net.client_open(m_source) || !m_universe.net.client_open(m_target)) {
            return fail(ErrorKind::unreachable, "the definitions cannot be read");
        }
        Flow& flow = m_universe.start_flow(m_source, m_target, request, m_route);
        flow.start();
        return std::make_unique<SimMigration>(m_universe, m_rules, flow, m_source);
    }

private:
    Universe& m_universe;
    Rules& m_rules;
    int m_source;
    int m_target;  ///< The driver connection or, where a daemon drives, the tool's own.
    world::Route m_route;
};

}  // namespace

model::HostAddress address_of(Side side)
{
    return side == Side::source ? model::HostAddress{"kvm1", "qemu+tcp://kvm1/system", ""}
                                : model::HostAddress{"kvm2", "qemu+tcp://kvm2/system", ""};
}

Side side_of(const model::HostAddress& address)
{
    return address.label == address_of(Side::source).label ? Side::source : Side::target;
}

Result<int> SimHypervisor::connect(Side side, Milliseconds limit, std::string_view name, bool keepalive)
{
    const Fate fate = m_universe.point(PointKind::before_question, name);
    const auto works = [&] { return m_universe.net.answers(side) && m_universe.net.can_reply(side); };
    const bool refused = fate == Fate::refused || m_universe.net.refuses(side);
    m_universe.sleep(k_handshake);
    const bool answered = !refused && m_universe.wait(m_universe.time.now() + limit.count(), works);
    m_universe.net.note_contact(side, answered);
    if (!answered) {
        return fail(ErrorKind::unreachable, "host " + address_of(side).label + " does not answer");
    }
    return m_universe.net.open(side, keepalive);
}

Result<std::unique_ptr<world::Host>> SimHypervisor::open(const model::HostAddress& address, Milliseconds limit)
{
    const Side side = side_of(address);
    VMF_TRY_ASSIGN(const int connection, connect(side, limit, "open", true));
    return std::make_unique<SimHost>(m_universe, m_rules, side, connection);
}

Result<std::unique_ptr<world::Hypervisor::Driver>> SimHypervisor::prepare(world::Host& source, world::Host& target,
                                                                          world::Route route, Milliseconds limit)
{
    int connection = dynamic_cast<SimHost&>(target).connection();
    if (route != world::Route::peer_to_peer) {
        VMF_TRY_ASSIGN(connection,
                       connect(side_of(target.address()), limit, "open-driver", route != world::Route::held));
    }
    return std::make_unique<SimDriver>(m_universe, m_rules, dynamic_cast<SimHost&>(source).connection(), connection,
                                       route);
}

}  // namespace vmferry::sim
