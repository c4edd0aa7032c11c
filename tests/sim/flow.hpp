// One migrate call: libvirt's protocol v3 as its client drives it (Begin, Prepare, Perform, Finish,
// Confirm), with the relay that holds the reply of Finish.

#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>

#include "core/base/result.hpp"
#include "core/world/migration.hpp"
#include "tests/sim/libvirtd.hpp"
#include "tests/sim/net.hpp"

namespace vmferry::sim {

/// The guest's part in how a migration goes.
struct Guest {
    int passes = 3;  ///< Passes over the memory until the rest is small.
    uint64_t needs_downtime_ms = 10;
    int portions = 4;    ///< Of memory that post-copy sends after the switch.
    bool nvram = false;  ///< libvirt makes an NVRAM file at the target.
    std::string nvram_path = "/var/lib/libvirt/nvram/web1";
};

class Flow {
public:
    enum class At { begin, prepare, perform, finish, held, confirm, cancel_source, cancel_target, returned };

    /// All that the protocol moves. `step` is called before each of its steps; true: the step is refused.
    struct Stage {
        Timeline& time;
        Net& net;
        Side source_side;  ///< Which host is the source of this move.
        Machine& source;
        Machine& target;
        Libvirtd& source_daemon;
        Libvirtd& target_daemon;
        const Guest& guest;
        Split& split;
        std::function<bool(const char*)> step;
        std::function<bool()> source_daemon_works;
        std::function<bool()> target_daemon_works;
    };

    /// The tool's connections, and whether the reply of Finish is held or libvirt goes on by itself. With
    /// Route::peer_to_peer the source's daemon drives, and goes on without the tool.
    Flow(Stage stage, int source_connection, int target_connection, world::MigrationRequest request,
         world::Route route);

    /// The daemon that drives a move is asked for it as for anything else: in its turn, and over a connection that
    /// lasts.
    void start();
    void release();
    void drop();
    void push(world::MigrationEvent event);

    void hold_finish() { m_keep_finish = true; }
    void pass_finish(bool start);

    // Post-copy, as the source's daemon is asked for it (flow_postcopy.cpp).
    [[nodiscard]] Result<> start_postcopy();
    [[nodiscard]] Result<> break_postcopy();

    // What the hosts do by themselves.
    void source_cancelled();  ///< The source's daemon ends the outgoing job: abort, lost owner, restart.
    void instance_ended(Side role);
    [[nodiscard]] Side role_of(Side host) const { return host == m_stage.source_side ? Side::source : Side::target; }
    void client_lost(int connection);
    void tool_gone()
    {
        m_listening = false;
        m_client = m_client && drives_itself();
    }
    /// The source's daemon is gone, and the move with it where that drove it.
    void driver_dies();

    [[nodiscard]] std::deque<world::MigrationEvent>& events() { return m_events; }
    [[nodiscard]] const std::optional<Result<>>& result() const { return m_result; }
    [[nodiscard]] world::MigrationProgress progress() const;
    [[nodiscard]] At at() const { return m_at; }

private:
    static constexpr uint64_t k_total_bytes = 1000;  ///< The guest's memory.
    [[nodiscard]] static Result<> refused(const char* what) { return fail(ErrorKind::failed, what); }
    [[nodiscard]] bool drives_itself() const { return m_route == world::Route::peer_to_peer; }
    using Answer = std::function<void(Result<>)>;
    void send(Side to, std::function<Result<>()> effect, Answer answered);
    /// The same, where the answer comes when the daemon has one. Only for a client in this process.
    void send_slow(Side to, std::function<void(Answer)> effect, Answer answered);
    void send_from_daemon(Side to, std::function<Result<>()> effect, Answer answered, Ms waited);
    void answer_perform(const Result<>& performed);
    void tell_complete();
    void call_finish(std::function<void()> call);
    // Steps at the hosts, each in the file of its phase: flow_prepare, flow_perform, flow_finish, flow_confirm.
    Result<> begin();
    Result<> prepare();
    Result<> start_perform();
    Result<> finish();
    Result<> finish_cancelled();
    Result<> confirm();
    Result<> confirm_cancelled();
    // The emulators' part (flow_perform).
    void pass();
    void stop();
    void load();
    void performed();
    void perform_fails();
    [[nodiscard]] bool performing() const;
    // Post-copy.
    [[nodiscard]] bool is_resume() const { return m_request.postcopy == world::PostCopyCall::resume; }
    [[nodiscard]] bool drives_stream() const { return m_stream != 0 && m_stream == m_stage.split.stream; }
    [[nodiscard]] Result<> begin_again();
    [[nodiscard]] Result<> prepare_again();
    void perform_again();
    void split();
    void begin_stream();
    void stream(int number);
    void all_arrived();
    void target_complete();
    void target_breaks();
    void half_lost(Side role);
    void finish_postcopy(const Answer& answer);
    [[nodiscard]] Result<> confirm_postcopy_failed();
    // The client's part.
    void after_begin(const Result<>& done);
    void after_prepare(const Result<>& done);
    void after_perform(const Result<>& done);
    void after_finish(const Result<>& done);
    void cancel_source(const char* why);
    void cancel_target(const char* why);
    void give_back(Result<> result);

    Stage m_stage;
    /// As owner of the source's job and of the target's instance: a daemon has no connection of the tool's.
    static constexpr int k_daemon = -1;
    int m_source_connection;
    int m_target_connection;
    world::MigrationRequest m_request;
    world::Route m_route;
    int m_owner;   ///< Of the source's job.
    int m_driver;  ///< To the target.
    At m_at = At::begin;
    bool m_client = true;     ///< Who drives it lives.
    bool m_listening = true;  ///< The tool that asked for it lives.
    bool m_postcopy_wanted = false;
    bool m_keep_finish = false;
    bool m_let_run = false;
    std::function<void()> m_waiting_call;  ///< The call of Finish, in the relay.
    int m_stream = 0;                      ///< Which of the streams this call began.
    uint64_t m_iteration = 0;
    uint64_t m_processed = 0;
    std::deque<world::MigrationEvent> m_events;
    std::set<world::MigrationEvent> m_seen;
    std::optional<Result<>> m_result;
};

}  // namespace vmferry::sim
