#include "cli/selection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/engine/outcome.hpp"
#include "core/engine/repair.hpp"

namespace vmferry::cli {

using journal::TransactionRow;

namespace {

/// "web1" cannot be the beginning of an id, "cafe" can: then the id is looked for first.
bool may_be_id(const std::string& word)
{
    constexpr size_t k_least = 4;
    return word.size() >= k_least && word.find_first_not_of("0123456789abcdefABCDEF-") == std::string::npos;
}

}  // namespace

std::vector<TransactionRow> unsettled(const std::vector<TransactionRow>& rows)
{
    std::vector<TransactionRow> open;
    std::copy_if(rows.rbegin(), rows.rend(), std::back_inserter(open),
                 [](const TransactionRow& row) { return row.outcome.empty() || row.open_debts > 0; });
    return open;
}

bool is_settled(const TransactionRow& row) { return !row.outcome.empty() && row.open_debts == 0; }

bool needs_move_back(const TransactionRow& row)
{
    const auto outcome = engine::parse_outcome(row.outcome);
    return is_settled(row) && row.head.command != engine::k_repair &&
           (outcome == engine::OutcomeKind::committed || outcome == engine::OutcomeKind::committed_degraded);
}

std::string words_of_way_back(const journal::TransactionHead& head)
{
    if (head.command == "storage-move") {
        return fmt::format("the disks of {} back to where they were on {}", head.vm_name, head.source);
    }
    return fmt::format("{} back from {} to {}", head.vm_name, head.target, head.source);
}

Result<std::vector<TransactionRow>> of_vm(journal::Store& store, const std::string& vm)
{
    VMF_TRY_ASSIGN(std::vector<TransactionRow> rows, store.transactions());
    std::erase_if(rows,
                  [&](const TransactionRow& row) { return row.head.vm_name != vm && row.head.vm_uuid.str() != vm; });
    if (rows.empty()) {
        return fail(Error(ErrorKind::not_found, fmt::format("the journal knows no transaction of a VM '{}'", vm))
                        .with_next("vmferry status"));
    }
    std::vector<TransactionRow> open = unsettled(rows);
    if (!open.empty()) {
        return open;
    }
    const auto move = std::find_if(rows.begin(), rows.end(), [](const TransactionRow& row) {
        return row.head.command != "precheck" && row.head.command != engine::k_repair;
    });
    return std::vector{move == rows.end() ? rows.front() : *move};
}

Result<TransactionRow> by_id(journal::Store& store, const std::string& id)
{
    auto row = store.find(id);
    if (!row && row.error().kind() == ErrorKind::not_found) {
        return fail(Error(ErrorKind::not_found, fmt::format("the journal knows no transaction '{}'", id))
                        .with_next("vmferry status"));
    }
    return row;
}

Result<std::vector<TransactionRow>> by_id_or_vm(journal::Store& store, const std::string& word)
{
    if (may_be_id(word)) {
        auto row = store.find(word);
        if (row) {
            return std::vector{*row};
        }
        if (row.error().kind() != ErrorKind::not_found) {
            return fail(std::move(row).error());  // Ambiguous, or the journal cannot be read.
        }
    }
    auto rows = of_vm(store, word);
    if (!rows && rows.error().kind() == ErrorKind::not_found) {
        return fail(
            Error(ErrorKind::not_found, fmt::format("the journal knows neither a transaction nor a VM '{}'", word))
                .with_next("vmferry status"));
    }
    return rows;
}

}  // namespace vmferry::cli
