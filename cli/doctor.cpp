#include "cli/doctor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/forecast.hpp"
#include "cli/two_hosts.hpp"
#include "core/base/secret.hpp"
#include "core/engine/from_markers.hpp"
#include "core/engine/repair.hpp"

namespace vmferry::cli {

using engine::Action;
using engine::CopiesSeen;
using engine::Remedy;
using journal::TransactionRow;
using model::Side;

namespace {

class Doctor {
public:
    Doctor(Environment& environment, Session& session, const std::vector<std::string>& hosts)
        : m_environment(environment), m_session(session), m_hosts(hosts)
    {
    }

    Result<DoctorView> examine(const std::string& vm);

private:
    Result<std::optional<TransactionRow>> open_row(const Uuid& vm);
    HostView view(engine::Hosts& hosts, Side side, const Uuid& vm, const model::Observation& first,
                  const model::Observation& second);
    void judge_row(DoctorView& view, const TransactionRow& row);
    void judge_markers(DoctorView& view, Work& work, const model::Marker& marker, bool swapped);
    void judge_copies(DoctorView& view, const CopiesSeen& seen);
    void judge(DoctorView& view, const engine::Diagnosis& seen, const std::string& command);
    [[nodiscard]] std::string pair() const { return fmt::format("{}", fmt::join(m_hosts, ",")); }

    Environment& m_environment;
    Session& m_session;
    const std::vector<std::string>& m_hosts;
};

/// The unfinished transaction of this VM, or one that still owes something.
Result<std::optional<TransactionRow>> Doctor::open_row(const Uuid& vm)
{
    VMF_TRY_ASSIGN(const auto rows, m_session.store().transactions());
    const auto open = std::find_if(rows.begin(), rows.end(), [&](const TransactionRow& row) {
        return row.head.vm_uuid == vm && (row.outcome.empty() || row.open_debts > 0);
    });
    return open == rows.end() ? std::optional<TransactionRow>() : std::optional(*open);
}

HostView Doctor::view(engine::Hosts& hosts, Side side, const Uuid& vm, const model::Observation& first,
                      const model::Observation& second)
{
    HostView view;
    view.host = hosts.address(side).label;
    view.uri = redact_uri(hosts.address(side).uri);
    view.seen = second;
    const bool same_instance = second.active() && first.active() && first.id == second.id;
    if (same_instance && second.cpu_time_ns >= first.cpu_time_ns) {
        view.cpu_time_delta_ns = second.cpu_time_ns - first.cpu_time_ns;
    }
    // An emulator that is loading does not answer.
    if (second.reachable && second.exists && !second.job_active) {
        const auto image = hosts.at(side).inspect().before_image(vm);
        if (image) {
            view.autostart = image->autostart;
            view.disks = image->disk_files;
        }
    }
    return view;
}

void Doctor::judge(DoctorView& view, const engine::Diagnosis& seen, const std::string& command)
{
    tell_row(view, *seen.row, command);
    for (const auto& [label, observed] : {std::pair(view.hosts.front().host, &view.hosts.front().seen),
                                          std::pair(view.hosts.back().host, &view.hosts.back().seen)}) {
        if (view.in_doubt && !observed->reachable) {
            view.next = {fmt::format("bring {} back, then: {}", label, command),
                         fmt::format("{} --host-dead {}   when it is fenced", command, label)};
        }
    }
}

void Doctor::judge_row(DoctorView& view, const TransactionRow& row)
{
    view.told_by = "journal";
    view.transaction = row.head.id.str();
    const std::string command = fmt::format("vmferry rollback {}", row.head.id.brief());
    if (row.worker.is_alive() == true) {
        view.row = "under-way";
        view.action = "wait";
        view.reason = fmt::format("transaction {} works on it, pid {}", row.head.id.brief(), row.worker.pid);
        view.next = {fmt::format("vmferry status {} --wait", row.head.id.brief())};
        return;
    }
    if (!row.outcome.empty() || row.head.command != "migrate") {
        view.row = row.outcome.empty() ? "unfinished" : "debts";
        view.action = "clean-up";
        view.reason = row.outcome.empty() ? fmt::format("a {} was broken off", row.head.command)
                                          : fmt::format("it ended, {}, and still owes something", row.outcome);
        view.next = {command};
        return;
    }
    const auto seen = forecast(m_environment, m_session, row, {});
    if (!seen) {
        view.row = "unfinished";
        view.action = "doubt";
        view.reason = seen.error().text();
        view.in_doubt = true;
        view.next = {command};
        return;
    }
    if (seen->plan.was_off) {
        tell_row(view, *seen->cold.row, command);
        return;
    }
    judge(view, seen->diagnosis, command);
    if (const auto older = engine::older_than_hosts(seen->diagnosis, seen->plan)) {
        view.row = "journal-is-old";
        view.action = "doubt";
        view.reason = *older;
        view.next = {fmt::format("vmferry rollback --from-hosts '{}'", pair())};
    }
}

void Doctor::judge_markers(DoctorView& view, Work& work, const model::Marker& marker, bool swapped)
{
    view.told_by = "markers";
    view.transaction = marker.transaction.str();
    const std::string command = fmt::format("vmferry rollback --from-hosts '{}'", pair());
    engine::Context& context = work.context;
    if (const auto rebuilt = engine::rebuild(context, marker); !rebuilt) {
        view.row = "marker-unreadable";
        view.action = "doubt";
        view.reason = rebuilt.error().text();
        view.in_doubt = true;
        view.next = {fmt::format("vmferry rollback {}   on {}", marker.transaction.brief(), marker.controller)};
        return;
    }
    if (swapped) {
        std::swap(view.hosts.front(), view.hosts.back());
    }
    const engine::Diagnosis first = engine::diagnose_at(context, {}, engine::Stage::intent);
    const engine::Markers markers = engine::markers_of(first, marker.transaction);
    const engine::Diagnosis seen = engine::diagnose_at(context, {}, engine::stage_of(markers));
    judge(view, seen, command);
    if (const auto why = engine::undecidable(seen, markers, context.plan)) {
        view.reason = *why;
        view.action = "doubt";
        view.in_doubt = true;
    }
}

void Doctor::judge_copies(DoctorView& view, const CopiesSeen& seen)
{
    view.told_by = "hosts";
    view.row = seen.found.row->name;
    view.action = to_string(seen.found.row->remedy);
    view.reason = seen.found.row->reason;
    const std::string command = fmt::format("vmferry rollback --vm {} --hosts '{}'", view.vm_name, pair());
    switch (seen.found.row->remedy) {
    case Remedy::none: return;
    case Remedy::wait:
        view.next = {fmt::format("vmferry status --doctor {} --hosts '{}'   when it has ended", view.vm_name, pair())};
        return;
    case Remedy::resume:
    case Remedy::tidy:
        if (!seen.acts.empty()) {
            view.next = {command};
        } else {
            view.reason += "; what runs is transient, so that definition is the last: it is kept";
        }
        return;
    case Remedy::choose:
        for (const std::string& host : m_hosts) {
            view.next.push_back(fmt::format("{} --keep {}", command, host));
        }
        return;
    case Remedy::doubt: break;
    }
    view.in_doubt = true;
    for (const HostView& host : view.hosts) {
        if (!host.seen.reachable) {
            view.next = {fmt::format("bring {} back, then: vmferry status --doctor {} --hosts '{}'", host.host,
                                     view.vm_name, pair())};
            return;
        }
        view.next.push_back(fmt::format("virsh -c {} destroy {}    # gives up the copy there", host.uri, view.vm_name));
    }
}

Result<DoctorView> Doctor::examine(const std::string& vm)
{
    VMF_TRY_ASSIGN(const auto addresses, two_hosts(m_environment.settings.config, m_hosts, vm));
    VMF_TRY_ASSIGN(world::World * world, m_session.world());
    const WorkHandle work(new Work(*world, m_session.store(), m_environment, addresses.first, addresses.second));
    VMF_TRY_ASSIGN(const FoundVm found, find_on_either(work->hosts, m_environment.settings.config, vm));
    const Milliseconds limit = work->context.plan.limits.call;
    const model::Observation first = work->hosts.observe(Side::source, found.uuid, limit);
    const model::Observation second = work->hosts.observe(Side::target, found.uuid, limit);
    const CopiesSeen seen = engine::look_at_copies(work->context, found.uuid, std::nullopt);
    DoctorView view;
    view.vm_name = found.name;
    view.vm_uuid = found.uuid.str();
    view.hosts = {this->view(work->hosts, Side::source, found.uuid, first, seen.first),
                  this->view(work->hosts, Side::target, found.uuid, second, seen.second)};
    VMF_TRY_ASSIGN(const auto row, open_row(found.uuid));
    if (row) {
        judge_row(view, *row);
        return view;
    }
    for (const HostView& host : {view.hosts.back(), view.hosts.front()}) {
        const auto& marker = host.seen.marker();
        if (!marker) {
            continue;
        }
        const bool is_first = host.host == view.hosts.front().host;
        const bool swapped = is_first != (marker->role == Side::source);
        const WorkHandle sides(new Work(*world, m_session.store(), m_environment,
                                        swapped ? addresses.second : addresses.first,
                                        swapped ? addresses.first : addresses.second));
        judge_markers(view, *sides, *marker, swapped);
        return view;
    }
    judge_copies(view, seen);
    return view;
}

}  // namespace

Result<DoctorView> examine(Environment& environment, Session& session, const std::string& vm,
                           const std::vector<std::string>& hosts)
{
    return Doctor(environment, session, hosts).examine(vm);
}

}  // namespace vmferry::cli
