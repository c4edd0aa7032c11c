// vmferry storage-move VM --to DATASTORE

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "cli/hosts_config.hpp"
#include "cli/image_inspection.hpp"
#include "cli/kept.hpp"
#include "cli/run_options.hpp"
#include "cli/suggest.hpp"

namespace vmferry::cli {

namespace {

/// Disks are larger than memory: a day, where nothing else is said.
constexpr Milliseconds k_timeout{std::chrono::hours(24)};

class StorageMove final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "storage-move"; }
    [[nodiscard]] std::string_view summary() const override { return "move the disks of a VM to another datastore"; }
    [[nodiscard]] std::string_view synopsis() const override { return "VM --to DATASTORE [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry storage-move db1 --to fast\n"
               "  vmferry storage-move db1 --disk vdb,vdc --to /srv/images --format qcow2\n"
               "  vmferry storage-move db1 --to fast -n\n"
               "  vmferry storage-move db1 --to fast --return-ticket     the way back is one pause\n"
               "  vmferry storage-move db1 --release     what that has kept may go\n";
    }
    [[nodiscard]] bool guarded() const override { return true; }
    [[nodiscard]] std::string events() const override { return m_run.events; }

    void declare(OptionSet& options) override
    {
        options.argument("VM", m_vm, true, "name or UUID");
        options.text("--to", m_request.to, "DATASTORE", "an active storage pool of the host, or a directory there");
        options.list("--disk", m_request.disks, "DISK,...", "only these disks, by target name (all that can be moved)");
        options.parsed(
            "--format", "raw|qcow2", [this](const std::string& word) { return take_format(word); },
            "format of the new images (as it is)");
        options.flag("--shallow", m_request.shallow,
                     "of a backing chain copy only the top: the new image stands on the same backing image");
        options.flag("--keep-source", m_request.keep_source, "keep the old images, for 'vmferry rollback TX'");
        options.flag("--return-ticket", m_request.return_ticket,
                     "keep them, and let them follow each write: 'rollback TX' is one pause, as long as the VM runs");
        options.flag("--release", m_release, "move nothing: remove what earlier moves of the VM have kept");
        options.flag("--sync-writes", m_request.synchronous,
                     "writes of the guest wait for the new image from the start on");
        options.parsed(
            "--bwlimit", "RATE", [this](const std::string& word) { return take_bandwidth(word); },
            "copy each disk no faster, until it has caught up");
        options.duration("--timeout", m_timeout, "go back when the disks are not copied by then (24h)");
        declare_verify(options, m_order.verify);
        options.flag("-n,--dry-run", m_dry_run, "plan and check only");
        m_run.declare(options);
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override
    {
        m_order.lock_wait = m_run.lock_wait.value_or(Milliseconds(0));
        if (m_release) {
            return only_release();
        }
        if (m_request.to.empty()) {
            return fail(Error(ErrorKind::usage, "say where the disks are to go: --to POOL or --to DIRECTORY")
                            .with_next("vmferry storage-move --help"));
        }
        VMF_TRY_ASSIGN(m_order.source, source_address(settings.config, settings.globals.connect));
        VMF_TRY_ASSIGN(m_order.hooks, load_hooks(settings.config));
        m_order.target = m_order.source;
        m_order.request.command = "storage-move";
        m_order.request.vm = m_vm;
        m_order.dry_run = m_dry_run;
        m_request.limits.transaction = m_timeout.value_or(k_timeout);
        m_order.storage = m_request;
        m_order.retry = retry(settings.globals.connect);
        return {};
    }

    [[nodiscard]] engine::ExitCode run(Environment& environment) override
    {
        auto session = Session::open(environment, m_dry_run ? journal::Access::read_only : journal::Access::read_write);
        Done done;
        if (session && m_release) {
            SettleOrder order;
            order.release = true;
            order.lock_patience = m_order.lock_wait;
            return release_kept(environment, **session, m_vm, order);
        }
        if (session) {
            done = carry_out(environment, **session, m_order);
        } else {
            done.report = untouched("storage-move", m_vm, m_request.to, std::move(session).error());
        }
        tell_done(environment, done.report);
        return done.report.code;
    }

private:
    [[nodiscard]] Result<> only_release() const
    {
        const bool moves = !m_request.to.empty() || !m_request.disks.empty() || !m_request.format.empty() ||
                           m_request.shallow || m_request.keep_source || m_request.return_ticket || m_order.verify ||
                           m_dry_run;
        return moves ? fail(Error(ErrorKind::usage, "--release moves nothing and goes alone")
                                .with_next(fmt::format("vmferry storage-move {} --release", m_vm)))
                     : Result<>{};
    }

    Result<> take_format(const std::string& word)
    {
        m_request.format = word;
        return word == "raw" || word == "qcow2"
                   ? Result<>{}
                   : fail(ErrorKind::usage,
                          fmt::format("'{}' is not one of raw, qcow2{}", word, did_you_mean(word, {"raw", "qcow2"})));
    }

    Result<> take_bandwidth(const std::string& word)
    {
        VMF_TRY_ASSIGN(m_request.bandwidth_bytes_per_s, parse_bandwidth(word));
        return {};
    }

    [[nodiscard]] std::string retry(const std::string& connect) const
    {
        return fmt::format("vmferry storage-move {}{}{}{} --to {}{}{}{}", connect.empty() ? "" : "-c " + connect + " ",
                           m_vm, m_request.disks.empty() ? "" : " --disk ", fmt::join(m_request.disks, ","),
                           m_request.to, m_request.format.empty() ? "" : " --format " + m_request.format,
                           m_request.shallow ? " --shallow" : "",
                           m_request.return_ticket ? " --return-ticket"
                           : m_request.keep_source ? " --keep-source"
                                                   : "");
    }

    void tell_done(Environment& environment, const Report& report) const
    {
        const bool planned = m_dry_run && report.code == engine::ExitCode::ok && !report.storage.disks.empty();
        if (!planned || environment.settings.globals.format != Format::json) {
            tell(environment, report);
            return;
        }
        OrderedJson json = result_json(report);
        json["outcome"] = "dry-run";
        json["would"] = report.unchanged;
        environment.output.result(dump_line(json));
    }

    std::string m_vm;
    phases::StorageRequest m_request;
    std::optional<Milliseconds> m_timeout;
    bool m_dry_run = false;
    bool m_release = false;
    RunOptions m_run;
    Order m_order;
};

}  // namespace

std::unique_ptr<Command> make_storage_move() { return std::make_unique<StorageMove>(); }

}  // namespace vmferry::cli
