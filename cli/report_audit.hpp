// Who did what, when: the journal as text and as vmferry.audit/1.

#pragma once

#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "journal/store.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_audit_schema = "vmferry.audit/1";
inline constexpr std::string_view k_verify_schema = "vmferry.verify/1";

/// A transaction with all its entries; those are never empty.
struct AuditedTransaction {
    journal::TransactionRow row;
    std::vector<journal::Entry> entries;
};

/// "alice (uid 0, login uid 1000) pts/3 on admin1, pid 4711"; parts that are unknown are left out.
[[nodiscard]] std::string actor_text(const journal::Actor& actor);

/// One line for each transaction; for a single one, each entry as well.
[[nodiscard]] std::string audit_text(const std::vector<AuditedTransaction>& transactions, bool with_entries);
[[nodiscard]] OrderedJson audit_json(const std::vector<AuditedTransaction>& transactions);

[[nodiscard]] OrderedJson transaction_json(const journal::TransactionRow& row);
/// With its hashes: what the chain is made of.
[[nodiscard]] OrderedJson entry_json(const journal::Entry& entry);

}  // namespace vmferry::cli
