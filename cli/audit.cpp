// vmferry audit [TX|VM]

#include <fmt/format.h>

#include <algorithm>

#include "cli/audit_export.hpp"
#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/report.hpp"
#include "cli/report_audit.hpp"
#include "cli/selection.hpp"
#include "cli/since.hpp"
#include "core/base/clock.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using journal::TransactionRow;

namespace {

class Audit final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "audit"; }
    [[nodiscard]] std::string_view summary() const override { return "who did what, when; is the journal whole?"; }
    [[nodiscard]] std::string_view synopsis() const override { return "[TX] [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry audit --since 24h\n"
               "  vmferry audit 01939f3c               each step of that transaction\n"
               "  vmferry audit --verify\n";
    }
    [[nodiscard]] bool guarded() const override { return false; }
    [[nodiscard]] std::string_view schema() const override
    {
        return m_verify ? k_verify_schema : m_file.empty() ? k_audit_schema : k_export_schema;
    }

    void declare(OptionSet& options) override
    {
        options.argument("TX", m_id, false, "transaction, or the first digits of its id: all its entries");
        options.text("--vm", m_vm, "VM", "only those of this VM (name or UUID)");
        options.text("--since", m_since, "WHEN", "only those that changed since: 24h (ago), 2026-11-21, ...T18:25:00Z");
        options.flag("--verify", m_verify, "walk the hash chain of the whole journal; 74 when it is broken");
        options.text("--export", m_file, "FILE", "write the whole journal to this new file, for keeping elsewhere");
        options.text("--sign", m_key, "KEY", "Ed25519 private key (PEM): signs the export, into FILE.sig");
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override;
    [[nodiscard]] ExitCode run(Environment& environment) override;

private:
    [[nodiscard]] Result<std::vector<AuditedTransaction>> look(journal::Store& store) const;
    [[nodiscard]] bool is_wanted(const TransactionRow& row) const;
    [[nodiscard]] Result<> show(Environment& environment, journal::Store& store) const;
    [[nodiscard]] Result<> verify(Environment& environment, journal::Store& store) const;
    [[nodiscard]] Result<> write_export(Environment& environment, journal::Store& store) const;

    std::string m_id;
    std::string m_vm;
    std::string m_since;
    std::string m_file;
    std::string m_key;
    bool m_verify = false;
    int64_t m_since_ms = 0;
};

Result<> Audit::prepare(const Settings& /*settings*/)
{
    const bool selects = !m_id.empty() || !m_vm.empty() || !m_since.empty();
    if ((m_verify || !m_file.empty()) && selects) {
        return fail(Error(ErrorKind::usage, "--verify and --export are about the whole journal")
                        .with_next("leave TX, --vm and --since away"));
    }
    if (m_verify && !m_file.empty()) {
        return fail(Error(ErrorKind::usage, "--export verifies by itself").with_next("leave --verify away"));
    }
    if (!m_key.empty() && m_file.empty()) {
        return fail(
            Error(ErrorKind::usage, "--sign signs an export").with_next("vmferry audit --export FILE --sign KEY"));
    }
    if (!m_id.empty() && (!m_vm.empty() || !m_since.empty())) {
        return fail(
            Error(ErrorKind::usage, "one transaction, or a selection").with_next("leave --vm and --since away"));
    }
    if (!m_since.empty()) {
        VMF_TRY_ASSIGN(m_since_ms, parse_since(m_since, wall_clock_ms()));
    }
    return {};
}

bool Audit::is_wanted(const TransactionRow& row) const
{
    return (m_vm.empty() || row.head.vm_name == m_vm || row.head.vm_uuid.str() == m_vm) &&
           row.changed_at_ms >= m_since_ms;
}

Result<std::vector<AuditedTransaction>> Audit::look(journal::Store& store) const
{
    std::vector<TransactionRow> rows;
    if (m_id.empty()) {
        VMF_TRY_ASSIGN(rows, store.transactions());
        std::erase_if(rows, [this](const TransactionRow& row) { return !is_wanted(row); });
        std::reverse(rows.begin(), rows.end());
    } else {
        VMF_TRY_ASSIGN(TransactionRow row, by_id(store, m_id));
        rows.push_back(std::move(row));
    }
    std::vector<AuditedTransaction> transactions;
    for (const TransactionRow& row : rows) {
        VMF_TRY_ASSIGN(auto entries, store.entries(row.head.id));
        transactions.push_back({row, std::move(entries)});
    }
    return transactions;
}

Result<> Audit::show(Environment& environment, journal::Store& store) const
{
    VMF_TRY_ASSIGN(const auto transactions, look(store));
    const bool json = environment.settings.globals.format == Format::json;
    const bool nothing_yet = transactions.empty() && m_vm.empty() && m_since.empty();
    const std::string text =
        nothing_yet ? "No transaction is in the journal yet.\n" : audit_text(transactions, !m_id.empty());
    environment.output.result(json ? dump_line(audit_json(transactions)) : text);
    return {};
}

Result<> Audit::verify(Environment& environment, journal::Store& store) const
{
    VMF_TRY_ASSIGN(const journal::ChainReport report, store.verify_chain());
    const bool holds = report.problems.empty();
    const std::string& path = environment.settings.journal_path;
    if (environment.settings.globals.format == Format::json) {
        OrderedJson json;
        json["schema"] = k_verify_schema;
        json["exit_code"] = static_cast<int>(holds ? ExitCode::ok : ExitCode::journal_io);
        json["journal"] = path;
        json["holds"] = holds;
        json["entries"] = report.rows;
        json["head_hash"] = report.head_hash;
        json["problems"] = report.problems;
        environment.output.result(dump_line(json));
    } else {
        for (const std::string& problem : report.problems) {
            environment.output.result(problem + "\n");
        }
        environment.output.result(
            holds ? fmt::format("The chain holds: {} entries, the last is {}.\n", report.rows, report.head_hash) : "");
    }
    if (holds) {
        return {};
    }
    return fail(
        Error(ErrorKind::journal,
              fmt::format("the journal {} is not what was written: {}{}", path, report.problems.front(),
                          report.problems.size() == 1 ? "" : fmt::format(", and {} more", report.problems.size() - 1)))
            .with_id("VMF-E181")
            .with_next("vmferry explain VMF-E181"));
}

Result<> Audit::write_export(Environment& environment, journal::Store& store) const
{
    VMF_TRY_ASSIGN(const Exported exported, export_journal(store, m_file, m_key));
    if (environment.settings.globals.format == Format::json) {
        OrderedJson json;
        json["schema"] = k_export_schema;
        json["exit_code"] = 0;
        json["file"] = m_file;
        json["signature_file"] = exported.signature_file.empty() ? OrderedJson() : OrderedJson(exported.signature_file);
        json["entries"] = exported.entries;
        json["head_hash"] = exported.head_hash;
        environment.output.result(dump_line(json));
    } else if (environment.settings.globals.verbosity >= 0) {
        environment.output.result(
            fmt::format("{} entries written to {}{}.\n", exported.entries, m_file,
                        exported.signature_file.empty() ? "" : ", its signature to " + exported.signature_file));
    }
    return {};
}

ExitCode Audit::run(Environment& environment)
{
    const auto work = [&]() -> Result<> {
        const std::string& path = environment.settings.journal_path;
        VMF_TRY_ASSIGN(const auto store, journal::open_sqlite(path, journal::Access::read_only));
        if (m_verify) {
            return verify(environment, *store);
        }
        return m_file.empty() ? show(environment, *store) : write_export(environment, *store);
    };
    const auto done = work();
    if (done) {
        return ExitCode::ok;
    }
    // A broken chain has its JSON already.
    const bool told = m_verify && done.error().id() == "VMF-E181";
    if (told) {
        environment.output.error(untouched_text(done.error(), environment.err));
    } else {
        tell_error(environment, schema(), done.error());
    }
    return engine::exit_code_untouched(done.error().kind());
}

}  // namespace

std::unique_ptr<Command> make_audit() { return std::make_unique<Audit>(); }

}  // namespace vmferry::cli
