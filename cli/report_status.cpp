#include "cli/report_status.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "core/base/clock.hpp"
#include "core/base/json_at.hpp"
#include "core/engine/cold_recovery.hpp"
#include "core/engine/kept_images.hpp"
#include "core/engine/offline_recovery.hpp"
#include "core/engine/settle.hpp"
#include "core/engine/storage_recovery.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::cli {

using journal::Entry;
using journal::Kind;

namespace {

bool was_off(const Entry& begin)
{
    const Json& body = *begin.body;
    return body.is_object() && body.contains("plan") && flag_at(body.at("plan"), "was_off");
}

std::string phase_of(const std::vector<Entry>& entries)
{
    std::string phase = "precheck";
    for (const Entry& entry : entries) {
        switch (entry.kind) {
        case Kind::ledger:
            phase = phase == "precheck" && !entry.object.starts_with("probe:") ? "reserve" : phase;
            break;
        case Kind::reserved:
        case Kind::switch_intent: phase = "memory"; break;
        case Kind::copied:
        case Kind::all_ready: phase = "storage"; break;
        case Kind::pivot_intent: phase = "switch"; break;
        case Kind::postcopy:
        case Kind::commit: phase = "switch"; break;
        case Kind::resumed: phase = "announce"; break;
        case Kind::announced: phase = "verify"; break;
        case Kind::verified:
        case Kind::released: phase = "release"; break;
        case Kind::abort_intent:
        case Kind::undoing: phase = "rollback"; break;
        default: break;
        }
    }
    if (phase == "memory" && was_off(entries.front())) {
        phase = "switch";  // There is none to be sent.
    }
    return phase;
}

/// The last attempt to settle it left a note with the row that it found.
const Entry* last_diagnosis(const std::vector<Entry>& entries)
{
    const auto found = std::find_if(entries.rbegin(), entries.rend(), [](const Entry& entry) {
        return entry.kind == Kind::note && entry.object == engine::k_recovery_note;
    });
    return found == entries.rend() ? nullptr : &*found;
}

/// Of the row of that name, in whichever of the tables.
template <typename... Rows>
std::string reason_among(const std::string& row_name, std::span<const Rows>... tables)
{
    std::string reason = row_name;
    const auto look = [&](const auto& table) {
        const auto found =
            std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == row_name; });
        reason = found == table.end() ? reason : std::string(found->reason);
    };
    (look(tables), ...);
    return reason;
}

std::string reason_of(const std::string& row_name)
{
    return reason_among(row_name, engine::recovery_table(), engine::storage_table(), engine::cold_table(),
                        engine::offline_table());
}

void explain_doubt(StatusLine& line, const Json& diagnosis)
{
    const journal::TransactionHead& head = line.row.head;
    line.state = "in-doubt";
    line.needs = "operator";
    const std::string told = text_at(diagnosis, "reason");
    line.reason = told.empty() ? reason_of(text_at(diagnosis, "row")) : told;
    for (const auto& [side, host] : {std::pair("source", head.source), std::pair("target", head.target)}) {
        if (text_at(diagnosis, side) == "unreachable") {
            line.needs = "host-reachable";
            line.host = host;
        }
    }
}

void explain_open(StatusLine& line, const std::vector<Entry>& entries)
{
    const std::optional<bool> alive = line.row.worker.is_alive();
    line.state = "running";
    line.needs = "none";
    if (alive == true) {
        return;
    }
    line.state = "unfinished";
    line.needs = "rollback";
    line.next = fmt::format("vmferry rollback {}", line.row.head.id.brief());
    if (!alive) {
        line.reason = "its worker is on another machine or in another container";
    }
    if (const Entry* diagnosis = last_diagnosis(entries); diagnosis != nullptr && diagnosis->body->is_object()) {
        explain_doubt(line, diagnosis->body);
    }
}

}  // namespace

std::string state_text(const StatusLine& line)
{
    if (line.state == "ended") {
        return line.row.outcome;
    }
    if (line.state == "running") {
        return line.phase;
    }
    return line.state == "in-doubt" ? "IN DOUBT" : "UNFINISHED";
}

Result<StatusLine> status_of(journal::Store& store, const journal::TransactionRow& row)
{
    VMF_TRY_ASSIGN(const auto entries, store.entries(row.head.id));
    StatusLine line;
    line.row = row;
    line.phase = phase_of(entries);
    line.debts = engine::open_debts(entries);
    if (row.outcome.empty()) {
        explain_open(line, entries);
        return line;
    }
    line.state = "ended";
    line.needs = line.debts.empty() ? "none" : "rollback";
    line.next = line.debts.empty() ? "" : fmt::format("vmferry rollback {}", row.head.id.brief());
    line.kept = engine::kept_images(entries);
    return line;
}

std::string needs_text(const StatusLine& line)
{
    std::string text = line.debts.empty() ? "" : fmt::format("owed: {}; ", fmt::join(line.debts, ", "));
    if (!line.host.empty()) {
        text += fmt::format("{} unreachable: bring it back, then: ", line.host);
    } else if (!line.reason.empty()) {
        text += line.reason + ": ";
    }
    text += line.next;
    if (!line.kept.empty()) {
        text += fmt::format("{}{} kept, for 'vmferry rollback {}' or 'vmferry storage-move {} --release'",
                            text.empty() ? "" : "; ", fmt::join(line.kept, ", "), line.row.head.id.brief(),
                            line.row.head.vm_name);
    }
    return text.empty() ? "-" : text;
}

OrderedJson status_json(const std::vector<StatusLine>& lines)
{
    OrderedJson json;
    json["schema"] = k_status_schema;
    json["transactions"] = OrderedJson::array();
    json["debts"] = OrderedJson::array();
    const auto or_null = [](const std::string& text) { return text.empty() ? OrderedJson() : OrderedJson(text); };
    for (const StatusLine& line : lines) {
        const journal::TransactionHead& head = line.row.head;
        OrderedJson one;
        one["tx"] = head.id.str();
        one["command"] = head.command;
        one["vm"] = head.vm_name;
        one["vm_uuid"] = head.vm_uuid.str();
        one["from"] = head.source;
        one["to"] = head.target;
        one["phase"] = line.phase;
        one["state"] = line.state;
        one["outcome"] = or_null(line.row.outcome);
        one["since"] = rfc3339(head.begun_at_ms);
        one["changed"] = rfc3339(line.row.changed_at_ms);
        one["needs"] = line.needs;
        one["host"] = or_null(line.host);
        one["reason"] = or_null(line.reason);
        one["next"] = or_null(line.next);
        one["kept"] = line.kept;
        json["transactions"].push_back(std::move(one));
        for (const std::string& debt : line.debts) {
            OrderedJson owed;
            owed["tx"] = head.id.str();
            owed["vm"] = head.vm_name;
            owed["object"] = debt;
            owed["next"] = or_null(line.next);
            json["debts"].push_back(std::move(owed));
        }
    }
    return json;
}

}  // namespace vmferry::cli
