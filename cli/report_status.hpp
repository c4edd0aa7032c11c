// What state a transaction of the journal is in and what it needs, as a table and as vmferry.status/1.

#pragma once

#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "journal/store.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_status_schema = "vmferry.status/1";

struct StatusLine {
    journal::TransactionRow row;
    std::string phase;   ///< Where it is, or was when its worker died: "memory".
    std::string state;   ///< "running", "unfinished", "in-doubt", "ended".
    std::string needs;   ///< "none", "rollback", "host-reachable", "operator".
    std::string host;    ///< That has to be reachable.
    std::string reason;  ///< Of the last attempt to settle it.
    std::string next;    ///< What to type; empty: nothing.
    std::vector<std::string> debts;
    std::vector<std::string> kept;  ///< Old images of a committed storage-move.
};

[[nodiscard]] Result<StatusLine> status_of(journal::Store& store, const journal::TransactionRow& row);
/// The words of the table.
[[nodiscard]] std::string state_text(const StatusLine& line);
[[nodiscard]] std::string needs_text(const StatusLine& line);
[[nodiscard]] std::string status_text(const std::vector<StatusLine>& lines);
[[nodiscard]] OrderedJson status_json(const std::vector<StatusLine>& lines);

}  // namespace vmferry::cli
