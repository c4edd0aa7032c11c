#include "cli/report_audit.hpp"

#include <fmt/format.h>

#include "core/base/clock.hpp"
#include "core/base/json_at.hpp"

namespace vmferry::cli {

using journal::Actor;
using journal::Entry;
using journal::TransactionRow;

namespace {

OrderedJson text_or_null(const std::string& text) { return text.empty() ? OrderedJson() : OrderedJson(text); }

OrderedJson actor_json(const Actor& actor)
{
    OrderedJson json;
    json["uid"] = actor.uid;
    json["login_uid"] = actor.login_uid < 0 ? OrderedJson() : OrderedJson(actor.login_uid);
    json["sudo_user"] = text_or_null(actor.sudo_user);
    json["origin"] = text_or_null(actor.origin);
    json["machine"] = text_or_null(actor.machine);
    json["pid"] = actor.pid;
    json["invocation"] = text_or_null(actor.invocation);
    return json;
}

std::string outcome_text(const TransactionRow& row) { return row.outcome.empty() ? "unfinished" : row.outcome; }

/// What of an entry's body a person wants to read in a list: the failure, or nothing.
std::string remark(const Entry& entry)
{
    const std::string error = text_at(entry.body, "error");
    return error.empty() ? "" : "  " + error;
}

std::string entries_text(const AuditedTransaction& one)
{
    std::string text;
    std::string last_actor = actor_text(one.entries.front().actor);
    for (const Entry& entry : one.entries) {
        const std::string actor = actor_text(entry.actor);
        if (actor != last_actor) {
            text += fmt::format("        by {}\n", actor);
            last_actor = actor;
        }
        text += fmt::format("{:>6}  {}  {}{}{}\n", entry.sequence, rfc3339(entry.at_ms), journal::to_string(entry.kind),
                            entry.object.empty() ? "" : " " + entry.object, remark(entry));
    }
    return text;
}

}  // namespace

std::string actor_text(const Actor& actor)
{
    std::string text = actor.sudo_user.empty() ? fmt::format("uid {}", actor.uid)
                                               : fmt::format("{} as uid {}", actor.sudo_user, actor.uid);
    if (actor.login_uid >= 0) {
        text += fmt::format(" (login uid {})", actor.login_uid);
    }
    text += actor.origin.empty() ? "" : ", " + actor.origin;
    return text + (actor.machine.empty() ? "" : " on " + actor.machine) + fmt::format(", pid {}", actor.pid);
}

std::string audit_text(const std::vector<AuditedTransaction>& transactions, bool with_entries)
{
    std::string text;
    for (const AuditedTransaction& one : transactions) {
        const journal::TransactionHead& head = one.row.head;
        text += fmt::format("{}  {}  {} {}: {} -> {}  {}  by {}\n", rfc3339(head.begun_at_ms), head.id.brief(),
                            head.command, head.vm_name, head.source, head.target, outcome_text(one.row),
                            actor_text(one.entries.front().actor));
        text += with_entries ? entries_text(one) : "";
    }
    return text.empty() ? "The journal has no such transaction.\n" : text;
}

OrderedJson transaction_json(const TransactionRow& row)
{
    const journal::TransactionHead& head = row.head;
    OrderedJson json;
    json["tx"] = head.id.str();
    json["command"] = head.command;
    json["vm"] = head.vm_name;
    json["vm_uuid"] = head.vm_uuid.str();
    json["from"] = head.source;
    json["to"] = head.target;
    json["epoch"] = head.epoch;
    json["begun"] = rfc3339(head.begun_at_ms);
    json["changed"] = rfc3339(row.changed_at_ms);
    json["outcome"] = text_or_null(row.outcome);
    json["open_debts"] = row.open_debts;
    return json;
}

OrderedJson entry_json(const Entry& entry)
{
    OrderedJson json;
    json["sequence"] = entry.sequence;
    json["tx"] = entry.transaction.str();
    json["at"] = rfc3339(entry.at_ms);
    json["kind"] = std::string(journal::to_string(entry.kind));
    json["object"] = text_or_null(entry.object);
    json["body"] = *entry.body;
    json["actor"] = actor_json(entry.actor);
    json["previous_hash"] = entry.previous_hash;
    json["hash"] = entry.hash;
    return json;
}

OrderedJson audit_json(const std::vector<AuditedTransaction>& transactions)
{
    OrderedJson json;
    json["schema"] = k_audit_schema;
    json["transactions"] = OrderedJson::array();
    for (const AuditedTransaction& one : transactions) {
        OrderedJson transaction = transaction_json(one.row);
        transaction["actor"] = actor_json(one.entries.front().actor);
        transaction["entries"] = OrderedJson::array();
        for (const Entry& entry : one.entries) {
            transaction["entries"].push_back(entry_json(entry));
        }
        json["transactions"].push_back(std::move(transaction));
    }
    return json;
}

}  // namespace vmferry::cli
