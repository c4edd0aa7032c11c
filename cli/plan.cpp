// vmferry plan VM DEST

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/hosts_config.hpp"
#include "cli/move_options.hpp"
#include "cli/planner.hpp"
#include "cli/report_plan.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

class Plan final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "plan"; }
    [[nodiscard]] std::string_view summary() const override
    {
        return "say what a move would do, and seal it in a file";
    }
    [[nodiscard]] std::string_view synopsis() const override { return "VM DEST [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry plan web1 kvm2\n"
               "  vmferry plan web1 kvm2 -O web1.plan --sign /etc/vmferry/keys/ops\n"
               "  vmferry migrate --plan web1.plan\n";
    }
    [[nodiscard]] bool guarded() const override { return true; }
    [[nodiscard]] std::string_view schema() const override { return k_plan_schema; }

    void declare(OptionSet& options) override
    {
        options.argument("VM", m_vm, true, "name or UUID");
        options.argument("DEST", m_target, true,
                         "target host: [host.NAME] of the configuration, URI, or libvirt alias");
        m_move.declare(options);
        options.text("-O,--plan-file", m_file, "FILE", "write the plan there, for migrate --plan");
        options.text("--sign", m_key, "KEY", "sign it with this private Ed25519 key (PEM)");
        options.duration("--expires", m_lifetime, "the move must begin within this time (24h)");
        options.flag("--print-diff", m_diff, "also what of the definition the target will get changed");
        options.flag("--detailed-exitcode", m_detailed, "exit 2 when there is something to do, 0 when not");
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override
    {
        if (!m_key.empty() && m_file.empty()) {
            return fail(Error(ErrorKind::usage, "--sign needs a file to sign").with_next("vmferry plan --help"));
        }
        if (m_diff && settings.globals.format == Format::json) {
            return fail(Error(ErrorKind::usage, "--print-diff is for people: the plan as JSON is what -O seals")
                            .with_next("leave --json out, or see migrate -n --print-diff --json"));
        }
        VMF_TRY_ASSIGN(m_order.source, source_address(settings.config, settings.globals.connect));
        VMF_TRY_ASSIGN(m_order.target, host_address(settings.config, m_target));
        VMF_TRY_ASSIGN(m_order.request, m_move.request(settings, m_vm));
        VMF_TRY_ASSIGN(m_order.copies, m_move.copies(m_order.request));
        return {};
    }

    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        auto session = Session::open(environment, journal::Access::read_write);
        if (!session) {
            const Done done{untouched("plan", m_vm, m_target, std::move(session).error()), {}};
            tell_plan(environment, done, std::nullopt, {}, {});
            return done.report.code;
        }
        environment.progress.hide_findings();
        PlanWish wish;
        wish.lifetime = m_lifetime.value_or(wish.lifetime);
        wish.diff = m_diff;
        Planned planned;
        Done done = make_plan_file(environment, **session, m_order, wish, planned);
        if (const auto saved = save(planned.file); !saved) {
            done.report = untouched("plan", m_vm, m_target, saved.error());
            planned.file.reset();
        }
        tell_plan(environment, done, planned.file, m_file, planned.diff);
        return planned.file && m_detailed && done.report.code == ExitCode::ok ? ExitCode::plan_has_moves
                                                                              : done.report.code;
    }

private:
    Result<> save(std::optional<model::PlanFile>& file)
    {
        if (!file || m_file.empty()) {
            return {};
        }
        if (!m_key.empty()) {
            VMF_TRY_ASSIGN(file->signature, sign(model::digest(*file), m_key));
        }
        return write_plan_file(m_file, *file);
    }

    std::string m_vm;
    std::string m_target;
    MoveOptions m_move;
    std::string m_file;
    std::string m_key;
    std::optional<Milliseconds> m_lifetime;
    bool m_diff = false;
    bool m_detailed = false;
    Order m_order;
};

}  // namespace

std::unique_ptr<Command> make_plan() { return std::make_unique<Plan>(); }

}  // namespace vmferry::cli
