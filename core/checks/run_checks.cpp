#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>

#include "core/checks/check.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

/// Questions wait for a daemon that answers five calls of one client at a time; one is kept free.
constexpr size_t k_checks_side_by_side = 4;

/// Lets one check at a time speak to the ledger.
class SerialLedger final : public ProbeLedger {
public:
    explicit SerialLedger(ProbeLedger& ledger) : m_ledger(ledger) {}
    Result<> creating(model::Side side, const world::ProbeVolume& probe) override
    {
        const std::scoped_lock lock(m_mutex);
        return m_ledger.creating(side, probe);
    }
    Result<> removed(model::Side side, const world::ProbeVolume& probe) override
    {
        const std::scoped_lock lock(m_mutex);
        return m_ledger.removed(side, probe);
    }

private:
    std::mutex m_mutex;
    ProbeLedger& m_ledger;
};

bool contains(const std::vector<std::string>& ids, std::string_view id)
{
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool is_wanted(std::string_view id, const std::vector<std::string>& only, const std::vector<std::string>& skip)
{
    return (only.empty() || contains(only, id)) && !contains(skip, id);
}

/// One for each question of the check, so that no filter and no acceptance hides the others.
std::vector<model::Finding> broken(const Check& check, std::string_view why)
{
    std::vector<model::Finding> findings;
    for (const Topic& topic : check.topics()) {
        findings.push_back(error(topic, "vmferry", "this check itself is broken: " + std::string(why),
                                 "report it as a bug; nothing was changed"));
    }
    return findings;
}

/// Fails closed: a check that throws or stays silent has not passed.
std::vector<model::Finding> run_guarded(const Check& check, CheckContext& context)
{
    try {
        std::vector<model::Finding> findings = check.run(context);
        return findings.empty() ? broken(check, "it gave no verdict") : findings;
    } catch (const std::exception& problem) {
        return broken(check, problem.what());
    } catch (...) {
        return broken(check, "unknown exception");
    }
}

using Slots = std::vector<std::vector<model::Finding>>;

void run_side_by_side(std::span<const Check* const> checks, CheckContext& context, Slots& slots)
{
    std::atomic<size_t> next{0};
    const auto work = [&] {
        for (size_t i = next++; i < checks.size(); i = next++) {
            slots[i] = run_guarded(*checks[i], context);
        }
    };
    std::array<std::jthread, k_checks_side_by_side - 1> helpers;
    for (size_t i = 0; i < helpers.size() && i + 1 < checks.size(); ++i) {
        try {
            helpers[i] = std::jthread(work);
        } catch (const std::system_error&) {
            break;  // No thread to be had: this one does the work alone.
        }
    }
    work();
}

}  // namespace

std::vector<model::Finding> run_checks(std::span<const Check* const> checks, CheckContext& context,
                                       const std::vector<std::string>& only, const std::vector<std::string>& skip,
                                       const std::vector<std::string>& accepted)
{
    std::vector<const Check*> wanted;
    for (const Check* check : checks) {
        const auto topics = check->topics();
        if (std::any_of(topics.begin(), topics.end(),
                        [&](const Topic& topic) { return is_wanted(topic.id, only, skip); })) {
            wanted.push_back(check);
        }
    }
    SerialLedger ledger(context.ledger);
    CheckContext shared{
        context.domain, context.source_facts,   context.target_facts, context.target_residents, context.source,
        context.target, context.migrate_host,   context.transaction,  context.cache_directory,  ledger,
        context.proofs, context.probe_patience, context.copies,       context.images,           context.copies_wanted};
    Slots slots(wanted.size());
    run_side_by_side(wanted, shared, slots);

    std::vector<model::Finding> findings;
    for (auto& slot : slots) {
        std::copy_if(std::make_move_iterator(slot.begin()), std::make_move_iterator(slot.end()),
                     std::back_inserter(findings),
                     [&](const model::Finding& finding) { return is_wanted(finding.id, only, skip); });
    }
    std::stable_sort(findings.begin(), findings.end(),
                     [](const model::Finding& left, const model::Finding& right) { return left.id < right.id; });
    for (model::Finding& finding : findings) {
        finding.accepted = finding.severity == model::Severity::error && contains(accepted, finding.id);
    }
    return findings;
}

std::vector<model::Finding> run_checks(CheckContext& context, const std::vector<std::string>& only,
                                       const std::vector<std::string>& skip, const std::vector<std::string>& accepted)
{
    return run_checks(all_checks(), context, only, skip, accepted);
}

}  // namespace vmferry::checks
