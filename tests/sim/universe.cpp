#include "tests/sim/universe.hpp"

#include <csignal>

#include <utility>

namespace vmferry::sim {

namespace {

constexpr uint64_t k_used_before = 1000;  // Instructions that the guest had executed.
constexpr uint64_t k_needs_downtime = 40;
constexpr uint64_t k_never_enough = 1'000'000;
constexpr uint64_t k_own_downtime = 500;
constexpr uint64_t k_own_bandwidth = 80;

Instance original(const Shape& shape)
{
    Instance live;
    live.id = 1;
    live.state = shape.paused ? RunState::paused : RunState::running;
    live.reason = shape.paused ? StateReason::user : StateReason::other;
    live.qemu = shape.paused ? Qemu::paused : Qemu::running;
    live.paused_by_user = shape.paused;
    live.content = k_content;
    if (shape.own_limits) {
        live.max_downtime_ms = k_own_downtime;
        live.max_bandwidth_mib_s = k_own_bandwidth;
    }
    live.instructions = k_used_before;
    live.memory = 1;
    live.has_run = true;
    return live;
}

}  // namespace

const Uuid& the_vm()
{
    static const Uuid vm = Uuid::parse("5a1e0000-0000-4000-8000-000000000001").value();
    return vm;
}

Universe::Universe(const Shape& shape) : vm(the_vm())
{
    for (const Side side : {Side::source, Side::target}) {
        m_daemons[index(side)] = std::make_unique<Libvirtd>(side, machine(side), time, oracle, hooks(side));
    }
    Machine& source = machine(Side::source);
    source.last_id = 1;
    if (shape.off) {
        source.domain.off_reason = StateReason::shutdown;
    } else {
        source.domain.live = original(shape);
    }
    source.domain.autostart = shape.autostart;
    if (shape.persistent) {
        source.domain.definition = Definition{k_content, std::nullopt};
    }
    switch_mode = shape.switch_mode;
    peer_to_peer = shape.peer_to_peer;
    oracle.price_is_two_copies = shape.switch_mode == model::SwitchMode::native;
    guest.nvram = shape.nvram;
    if (shape.nvram) {
        source.files[guest.nvram_path] = k_content;
    }
    postcopy = shape.postcopy;
    guest.needs_downtime_ms = shape.busy ? k_needs_downtime : guest.needs_downtime_ms;
    guest.needs_downtime_ms = shape.postcopy ? k_never_enough : guest.needs_downtime_ms;
    flows.reserve(4);
}

Libvirtd::Hooks Universe::hooks(Side side)
{
    return {
        .instance_ended =
            [this, side] {
                for (const auto& flow : flows) {
                    flow->instance_ended(flow->role_of(side));
                }
            },
        .job_aborted =
            [this] {
                for (const auto& flow : flows) {
                    flow->source_cancelled();
                }
            },
        .postcopy_wanted =
            [this] { return flows.empty() ? fail(ErrorKind::failed, "no migration") : flows.back()->start_postcopy(); },
        .postcopy_broken =
            [this] { return flows.empty() ? fail(ErrorKind::failed, "no migration") : flows.back()->break_postcopy(); },
        .has_all_memory = [this] { return split.arrived; },
        .emulator_stuck =
            [this, side] {
                const auto& live = machine(side).domain.live;
                return live && live->qemu == Qemu::finishing && net.stream_stuck();
            }};
}

bool Universe::wait(Ms deadline, const std::function<bool()>& done)
{
    while (!done()) {
        const Ms next = time.next();
        if (next > deadline) {
            if (time.now() < deadline) {
                time.set_now(deadline);
                oracle.execute();
            }
            return false;
        }
        const auto action = time.take();
        if (next > time.now()) {
            time.set_now(next);
            oracle.execute();
        }
        action();
        if (std::exchange(m_tool_dies, false)) {
            throw ToolDied();
        }
    }
    return true;
}

void Universe::sleep(Ms duration)
{
    wait(time.now() + duration, [] { return false; });
}

Fate Universe::point(PointKind kind, std::string_view name)
{
    ++m_points;
    if (m_record != nullptr) {
        record_point(kind, name);
    }
    Fate fate = Fate::none;
    while (m_next_fault < m_faults.size() && m_faults[m_next_fault].point <= m_points) {
        const Fault fault = m_faults[m_next_fault++];
        if (fault.point == m_points) {
            strike(*fault.type, kind, fate);
        }
    }
    return fate;
}

void Universe::tool_starts(engine::Interrupt* interrupt)
{
    m_interrupt = interrupt;
    journal_unsure = false;
}

void Universe::tool_ends()
{
    m_interrupt = nullptr;
    m_tool_dies = false;
    oracle.tool_ended(time.now() >= journal_fails_until && !journal_unsure);
    for (const auto& flow : flows) {
        flow->tool_gone();
    }
    net.tool_gone();
}

/// A host finishes what it is doing; the tool itself dies at once.
void Universe::kill_tool(PointKind kind)
{
    if (m_interrupt == nullptr) {
        return;
    }
    if (kind == PointKind::step || kind == PointKind::after_act || kind == PointKind::after_question) {
        m_tool_dies = true;
        return;
    }
    throw ToolDied();
}

void Universe::strike(const FaultType& type, PointKind kind, Fate& fate)
{
    m_harm = std::max(m_harm, type.harm);
    switch (type.kind) {
    case FaultKind::tool_dies: kill_tool(kind); return;
    case FaultKind::refuse: fate = Fate::refused; return;
    case FaultKind::lose_request: fate = Fate::request_lost; return;
    case FaultKind::lose_reply: fate = Fate::reply_lost; return;
    case FaultKind::late:
        fate = Fate::late;
        m_late_by = type.duration;
        return;
    case FaultKind::journal_fails:
        journal_fails_until = type.duration >= k_forever ? k_forever : time.now() + type.duration;
        fate = Fate::refused;
        return;
    case FaultKind::journal_unsure:
        journal_unsure = true;
        fate = Fate::reply_lost;
        return;
    case FaultKind::interrupt:
        for (Ms times = 0; m_interrupt != nullptr && times < type.duration; ++times) {
            m_interrupt->request(SIGINT);
        }
        return;
    default: break;
    }
    if (type.kind >= FaultKind::human_resume) {
        strike_human(type);
    } else {
        strike_host(type);
    }
}

void Universe::strike_host(const FaultType& type)
{
    switch (type.kind) {
    case FaultKind::power_off: power_off(type.side, type.duration); break;
    case FaultKind::daemon_dies: daemon_dies(type.side, type.duration); break;
    case FaultKind::daemon_hangs: net.fail(type.side, {.hang = true}, type.duration); break;
    case FaultKind::cut: net.fail(type.side, {.requests = true, .replies = true}, type.duration); break;
    case FaultKind::cut_requests: net.fail(type.side, {.requests = true}, type.duration); break;
    case FaultKind::cut_replies: net.fail(type.side, {.replies = true}, type.duration); break;
    case FaultKind::reset: net.reset(type.side); break;
    case FaultKind::cut_stream: net.fail_stream(type.duration, false); break;
    case FaultKind::stick_stream: net.fail_stream(type.duration, true); break;
    case FaultKind::emulator_dies: daemon(type.side).emulator_dies(); break;
    case FaultKind::guest_off:
        daemon(Side::source).guest_off();
        daemon(Side::target).guest_off();
        break;
    default: break;
    }
}

void Universe::strike_human(const FaultType& type)
{
    Libvirtd& there = daemon(type.side);
    if (!machine(type.side).power || !machine(type.side).daemon) {
        return;
    }
    if (type.harm == Harm::human) {
        oracle.human_acted();
    }
    switch (type.kind) {
    case FaultKind::human_resume: static_cast<void>(there.resume(Cause::human)); break;
    case FaultKind::human_suspend: static_cast<void>(there.suspend(Cause::human)); break;
    case FaultKind::human_destroy: static_cast<void>(there.destroy(Cause::human)); break;
    case FaultKind::human_undefine: static_cast<void>(there.undefine(Cause::human)); break;
    case FaultKind::human_start: static_cast<void>(there.start(Cause::human)); break;
    case FaultKind::human_abort: static_cast<void>(there.abort_job(Cause::human)); break;
    case FaultKind::human_job: there.foreign_job(type.duration); break;
    case FaultKind::human_unmark: static_cast<void>(there.set_marker(std::nullopt, Cause::human)); break;
    default: break;
    }
}

void Universe::driver_dies(Side side)
{
    for (const auto& flow : flows) {
        if (flow->role_of(side) == Side::source) {
            flow->driver_dies();
        }
    }
}

void Universe::power_off(Side side, Ms duration)
{
    if (!machine(side).power) {
        return;
    }
    m_off_until[index(side)] = duration >= k_forever ? k_forever : time.now() + duration;
    daemon(side).power_off();
    net.daemon_gone(side, false);
    driver_dies(side);
    if (duration < k_forever) {
        time.in(duration, [this, side] { power_on(side); });
    }
}

void Universe::power_on(Side side)
{
    if (!machine(side).power) {
        m_off_until[index(side)] = 0;
        daemon(side).power_on();
    }
}

void Universe::daemon_dies(Side side, Ms duration)
{
    if (!machine(side).power || !machine(side).daemon) {
        return;
    }
    if (side == Side::target) {
        split.finish = {};
    }
    daemon(side).daemon_dies();
    net.daemon_gone(side, true);
    driver_dies(side);
    if (duration < k_forever) {
        time.in(duration, [this, side] { daemon_starts(side); });
    }
}

void Universe::daemon_starts(Side side)
{
    if (machine(side).power && !machine(side).daemon) {
        daemon(side).daemon_starts();
    }
}

void Universe::heal()
{
    journal_fails_until = 0;
    for (const Side side : {Side::source, Side::target}) {
        power_on(side);
        daemon_starts(side);
    }
    net.heal();
}

Flow& Universe::start_flow(int source_connection, int target_connection, world::MigrationRequest request,
                           world::Route route)
{
    const Side source = net.side_of(source_connection);
    const Side target = model::other(source);
    const Flow::Stage stage{
        .time = time,
        .net = net,
        .source_side = source,
        .source = machine(source),
        .target = machine(target),
        .source_daemon = daemon(source),
        .target_daemon = daemon(target),
        .guest = guest,
        .split = split,
        .step = [this](const char* name) { return point(PointKind::step, name) == Fate::refused; },
        .source_daemon_works = [this, source] { return machine(source).daemon && !net.hangs(source); },
        .target_daemon_works =
            [this, target] { return machine(target).power && machine(target).daemon && !net.hangs(target); },
    };
    flows.push_back(std::make_unique<Flow>(stage, source_connection, target_connection, std::move(request), route));
    return *flows.back();
}

void Universe::client_lost(int connection)
{
    for (const auto& flow : flows) {
        flow->client_lost(connection);
    }
    if (!flows.empty()) {
        flows.back()->push(flows.back()->role_of(net.side_of(connection)) == Side::source
                               ? world::MigrationEvent::source_lost
                               : world::MigrationEvent::target_lost);
    }
}

void Universe::server_lost(int connection) { daemon(net.side_of(connection)).connection_closed(connection); }

}  // namespace vmferry::sim
