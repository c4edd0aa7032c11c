// vmferry migrate VM DEST | --plan FILE

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/hosts_config.hpp"
#include "cli/image_inspection.hpp"
#include "cli/move_options.hpp"
#include "cli/planner.hpp"
#include "cli/report_plan.hpp"
#include "cli/run_options.hpp"
#include "cli/typed_command.hpp"

namespace vmferry::cli {

namespace {

class Migrate final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "migrate"; }
    [[nodiscard]] std::string_view summary() const override { return "move a VM to another host, live"; }
    [[nodiscard]] std::string_view synopsis() const override { return "VM DEST | --plan FILE [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry migrate web1 kvm2\n"
               "  vmferry migrate -c qemu+ssh://root@kvm1/system web1 qemu+ssh://root@kvm2/system\n"
               "  vmferry migrate web1 kvm2 --profile fast --timeout 10m\n"
               "  vmferry migrate --plan web1.plan\n";
    }
    [[nodiscard]] bool guarded() const override { return true; }

    [[nodiscard]] bool detached() const override { return m_detach; }
    [[nodiscard]] std::string events() const override { return m_run.events; }

    void declare(OptionSet& options) override
    {
        options.argument("VM", m_vm, false, "name or UUID");
        options.argument("DEST", m_target, false,
                         "target host: [host.NAME] of the configuration, URI, or libvirt alias");
        m_move.declare(options);
        options.text("--plan", m_plan_file, "FILE", "carry out exactly this plan, or refuse");
        declare_verify(options, m_order.verify);
        options.flag("-n,--dry-run", m_dry_run, "plan and check only");
        options.flag("--print-diff", m_diff, "with -n: what of the definition the target will get changed");
        options.flag("--detach", m_detach, "print the transaction and go on in the background");
        m_run.declare(options);
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override
    {
        if (m_detach && m_run.events == "-") {
            return fail(Error(ErrorKind::usage, "--detach leaves stdout, so events cannot go there")
                            .with_next("give --events a file"));
        }
        if (m_detach && m_dry_run) {
            return fail(
                Error(ErrorKind::usage, "a dry run has nothing to go on with").with_next("leave --detach away"));
        }
        VMF_TRY_ASSIGN(m_order.hooks, load_hooks(settings.config));
        m_order.lock_wait = m_run.lock_wait.value_or(Milliseconds(0));
        if (m_plan_file.empty() && m_target.empty()) {
            return fail(Error(ErrorKind::usage, "say what to move and where to: VM DEST, or --plan FILE")
                            .with_next("vmferry migrate --help"));
        }
        if (m_diff && !m_dry_run) {
            return fail(Error(ErrorKind::usage, "--print-diff belongs to a dry run")
                            .with_next("vmferry migrate -n --print-diff VM DEST"));
        }
        return m_plan_file.empty() ? prepare_move(settings) : prepare_plan(settings);
    }

    [[nodiscard]] engine::ExitCode run(Environment& environment) override
    {
        auto session = Session::open(environment, journal::Access::read_write);
        if (!session) {
            const Report report = untouched("migrate", m_vm, m_target, std::move(session).error());
            tell(environment, report);
            return report.code;
        }
        if (m_dry_run) {
            return tell_dry_run(environment, **session);
        }
        const Done done = carry_out(environment, **session, m_order);
        tell(environment, done.report);
        return done.report.code;
    }

private:
    Result<> prepare_move(const Settings& settings)
    {
        VMF_TRY_ASSIGN(m_order.source, source_address(settings.config, settings.globals.connect));
        VMF_TRY_ASSIGN(m_order.target, host_address(settings.config, m_target));
        VMF_TRY_ASSIGN(m_order.request, m_move.request(settings, m_vm));
        VMF_TRY_ASSIGN(m_order.copies, m_move.copies(m_order.request));
        m_order.retry = typed_command();
        return {};
    }

    Result<> prepare_plan(const Settings& settings)
    {
        if (!m_vm.empty() || m_move.any() || !settings.globals.connect.empty()) {
            return fail(Error(ErrorKind::usage, "--plan says it all: no VM, host or option of the move beside it")
                            .with_next(fmt::format("vmferry migrate --plan {}", m_plan_file)));
        }
        VMF_TRY_ASSIGN(m_plan, read_plan_file(m_plan_file, settings.config));
        const model::Plan& plan = m_plan->plan;
        m_vm = plan.vm_name;
        m_target = plan.target;
        // By the names that stand in the plan: what they lead to must be what it was.
        VMF_TRY_ASSIGN(m_order.source, recorded_address(settings.config, plan.source, plan.source_uri));
        VMF_TRY_ASSIGN(m_order.target, recorded_address(settings.config, plan.target, plan.target_uri));
        engine::MoveRequest& request = m_order.request;
        request.vm = plan.vm_uuid.str();
        request.limits = plan.limits;
        request.schedule = plan.schedule;
        request.switch_mode = plan.switch_mode;
        request.peer_to_peer = plan.peer_to_peer;
        request.accepted = m_plan->accepted;
        request.tls = plan.tls;
        request.tls_name = plan.tls_name;
        request.probes = plan.probes;
        request.cache_directory = cache_directory(settings);
        if (plan.copies.wanted) {
            m_order.copies = phases::copies_as_planned(plan);
        }
        m_order.before_run = carry_out_exactly(*m_plan);
        m_order.retry = fmt::format("vmferry plan {} {} -O {}", m_vm, m_target, m_plan_file);
        return {};
    }

    engine::ExitCode tell_dry_run(Environment& environment, Session& session)
    {
        Planned planned;
        environment.progress.hide_findings();
        const Done done = make_plan_file(environment, session, m_order, {.diff = m_diff}, planned);
        if (planned.file && environment.settings.globals.format == Format::json) {
            OrderedJson json = result_json(done.report);
            json["command"] = "migrate";
            json["outcome"] = "dry-run";
            json["plan"] = Json::parse(model::to_text(*planned.file));
            json["diff"] = planned.diff.empty() ? OrderedJson() : OrderedJson(planned.diff);
            environment.output.result(dump_line(json));
        } else if (planned.file) {
            environment.output.result(plan_text(done, *planned.file, planned.diff));
        } else {
            tell(environment, done.report);
        }
        return done.report.code;
    }

    std::string m_vm;
    std::string m_target;
    MoveOptions m_move;
    std::string m_plan_file;
    bool m_dry_run = false;
    bool m_diff = false;
    std::optional<model::PlanFile> m_plan;
    bool m_detach = false;
    RunOptions m_run;
    Order m_order;
};

}  // namespace

std::unique_ptr<Command> make_migrate() { return std::make_unique<Migrate>(); }

}  // namespace vmferry::cli
