#include "core/phases/precheck.hpp"

#include <fmt/format.h>

#include <future>
#include <mutex>

#include "core/checks/check.hpp"
#include "core/engine/copied_disks.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

std::string object_of(Side side, const world::ProbeVolume& probe)
{
    return fmt::format("probe:{}:{}", model::to_string(side), probe.name);
}

Json to_json(Side side, const world::ProbeVolume& probe)
{
    return {
        {"side", model::to_string(side)}, {"directory", probe.directory}, {"name", probe.name}, {"pool", probe.pool}};
}

namespace {

/// Announces probes in the transaction's ledger. Checks run side by side; the journal does not.
class Ledger final : public checks::ProbeLedger {
public:
    explicit Ledger(Context& context) : m_context(context) {}

    Result<> creating(Side side, const world::ProbeVolume& probe) override
    {
        const std::lock_guard lock(m_mutex);
        return m_context.record(journal::Kind::ledger, object_of(side, probe), to_json(side, probe));
    }

    Result<> removed(Side side, const world::ProbeVolume& probe) override
    {
        const std::lock_guard lock(m_mutex);
        m_context.defer(journal::Kind::undone, object_of(side, probe));
        return {};
    }

private:
    Context& m_context;
    std::mutex m_mutex;
};

Result<> undo_probe(Context& context, const Json& intent)
{
    const Side side = intent.value("side", "") == "source" ? Side::source : Side::target;
    const world::ProbeVolume probe{intent.value("directory", ""), intent.value("name", ""), intent.value("pool", "")};
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(side, context.plan.limits.call));
    return host->datastore().remove_probe(probe, true);
}

struct HostAnswers {
    model::HostFacts source;
    model::HostFacts target;
    std::vector<world::Inspector::Resident> residents;
};

Result<HostAnswers> ask_hosts(Context& context)
{
    world::Host& source = context.hosts.at(Side::source);
    world::Host& target = context.hosts.at(Side::target);
    auto source_facts = std::async(context.world.questions, [&] { return source.capabilities().facts(); });
    auto target_facts = std::async(context.world.questions, [&] { return target.capabilities().facts(); });
    auto residents = target.inspect().residents();
    HostAnswers answers;
    auto of_source = source_facts.get();
    auto of_target = target_facts.get();
    VMF_TRY_ASSIGN(answers.source, std::move(of_source));
    VMF_TRY_ASSIGN(answers.target, std::move(of_target));
    VMF_TRY_ASSIGN(answers.residents, std::move(residents));
    return answers;
}

/// The first blocking finding names the error; the others are in the outcome's list.
Result<> judge(const std::vector<model::Finding>& findings)
{
    for (const model::Finding& finding : findings) {
        if (finding.severity == model::Severity::error && !finding.accepted) {
            return fail(Error(ErrorKind::blocked, fmt::format("{}: {}", finding.subject, finding.message))
                            .with_id(finding.id)
                            .with_next(finding.remedy));
        }
    }
    return {};
}

void keep_proofs(Context& context, const checks::Proofs& proofs)
{
    // Every disk that has a medium was proved to be shared, or is copied, or an error would have blocked: libvirt's
    // own guess about the file system may then be overruled.
    bool all_shared = true;
    std::vector<std::string> copied;
    for (const model::Disk& disk : context.domain.disks) {
        if (proofs.is_disk_copied(disk.target)) {
            copied.push_back(disk.target);
            continue;
        }
        const bool counts = !disk.source.empty() && !disk.read_only;
        all_shared = all_shared && (!counts || proofs.is_disk_shared(disk.target));
    }
    context.allow_unsafe = all_shared && copied.size() < context.domain.disks.size();
    context.nvram_shared = proofs.is_nvram_shared();
    if (context.plan.copies.wanted) {
        engine::decide_copies(context, copied);
    }
}

/// Nothing is copied that the operator has not seen in his plan, and nothing left out.
Result<> judge_copies(const Context& context, size_t planned)
{
    if (!context.copies_fixed || context.plan.copies.disks.size() == planned) {
        return {};
    }
    return fail(Error(ErrorKind::blocked, "the plan does not hold any more: a disk that was to be copied is shared now")
                    .with_next("make a new plan"));
}

Result<> run(Context& context)
{
    VMF_TRY_ASSIGN(const HostAnswers hosts, ask_hosts(context));
    Ledger ledger(context);
    checks::Proofs proofs;
    checks::CheckContext check_context{
        .domain = context.domain,
        .source_facts = hosts.source,
        .target_facts = hosts.target,
        .target_residents = hosts.residents,
        .source = context.hosts.at(Side::source),
        .target = context.hosts.at(Side::target),
        .migrate_host = context.hosts.address(Side::target).migrate_host,
        .transaction = context.plan.transaction.str(),
        .cache_directory = context.cache_directory,
        .ledger = ledger,
        .proofs = proofs,
        .copies = context.plan.copies.disks,
        // On a move it is there for the copies.
        .images = context.plan.command == "precheck" ? context.image_inspector : nullptr,
        .copies_wanted = context.plan.copies.wanted,
    };
    context.outcome.findings = checks::run_checks(check_context, {}, {}, context.accepted);
    // A look into disks takes minutes, and a stop in the middle of it is no finding.
    VMF_TRY(engine::check_interrupt(context));
    for (const model::Finding& finding : context.outcome.findings) {
        context.reporter.finding(finding);
    }
    const size_t planned = context.plan.copies.disks.size();
    keep_proofs(context, proofs);
    VMF_TRY(judge(context.outcome.findings));
    return judge_copies(context, planned);
}

}  // namespace

engine::Step probe_step() { return {.object = "probe:", .intent = nullptr, .apply = nullptr, .undo = undo_probe}; }

engine::Phase precheck_phase()
{
    return {
        .name = "precheck",
        .steps = {probe_step()},
        .run = run,
    };
}

}  // namespace vmferry::phases
