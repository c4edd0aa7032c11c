#include "cli/forecast.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "cli/selection.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using journal::TransactionRow;

namespace {

std::string_view words(engine::Action action)
{
    switch (action) {
    case engine::Action::wait: return "ask for the end of the active job, then look again";
    case engine::Action::adopt: return "wait for the end of the active job, then look again";
    case engine::Action::back: return "end the target's copy -> let the source run on, verified";
    case engine::Action::back_debt: return "let the source run on, verified; the target's copy becomes a debt";
    case engine::Action::reconnect: return "wait for the post-copy, put its stream together again -> finish";
    case engine::Action::forward: return "let the target run -> end the source's copy -> finish";
    case engine::Action::finish: return "clean up; start nothing";
    case engine::Action::guest_off: return "clean up; the guest stays as it is";
    case engine::Action::lost: return "clean up; the memory is lost";
    case engine::Action::doubt: return "change nothing";
    }
    return "change nothing";
}

std::string_view words(engine::StorageAction action)
{
    switch (action) {
    case engine::StorageAction::wait: return "wait for the end of the active job, then look again";
    case engine::StorageAction::back: return "let the guest run on with its old images -> end the copies";
    case engine::StorageAction::guest_off: return "clean up; the guest stays as it is";
    case engine::StorageAction::keep_both: return "keep the new images, which the definition does not use, as a debt";
    case engine::StorageAction::pivot_rest: return "change the remaining disks -> finish on the new images";
    case engine::StorageAction::copy_back: return "copy back what is on new images while the guest runs";
    case engine::StorageAction::forward: return "finish on the new images -> remove the old ones";
    case engine::StorageAction::doubt: return "change nothing";
    }
    return "change nothing";
}

std::string storage_forecast(const journal::TransactionHead& head, const Forecast& seen)
{
    const engine::StorageRow& found = *seen.storage.row;
    return fmt::format("{}: {} on {}, disks {}: {}\nwould: {}\n", head.vm_name, model::describe(seen.storage.vm),
                       head.source, to_string(seen.storage.situation.disks), found.reason, words(found.action));
}

std::string_view words(engine::OfflineAction action)
{
    switch (action) {
    case engine::OfflineAction::back: return "define it with its old images -> remove the new ones";
    case engine::OfflineAction::started: return "remove the new images; the VM stays as it is, on its old ones";
    case engine::OfflineAction::forward: return "finish on the new images -> remove the old ones";
    case engine::OfflineAction::doubt: return "change nothing";
    }
    return "change nothing";
}

std::string offline_forecast(const journal::TransactionHead& head, const Forecast& seen)
{
    const engine::OfflineRow& found = *seen.offline.row;
    return fmt::format("{}: {} on {}, disks {}: {}\nwould: {}\n", head.vm_name, model::describe(seen.offline.vm),
                       head.source, to_string(seen.offline.situation.disks), found.reason, words(found.action));
}

std::string_view words(engine::ColdAction action)
{
    switch (action) {
    case engine::ColdAction::back: return "remove the target's definition";
    case engine::ColdAction::started: return "remove the target's definition; the VM stays as it is at the source";
    case engine::ColdAction::forward: return "remove the source's definition -> unbolt the target's -> finish";
    case engine::ColdAction::gone: return "clean up";
    case engine::ColdAction::doubt: return "change nothing";
    }
    return "change nothing";
}

std::string cold_forecast(const Forecast& seen)
{
    return fmt::format("{}: {} on {}, {} on {}: {}\nwould: {}{}{}\n", seen.plan.vm_name,
                       model::describe(seen.cold.source), seen.plan.source, model::describe(seen.cold.target),
                       seen.plan.target, seen.cold.row->reason, words(seen.cold.row->action),
                       seen.objects.empty() ? "" : " -> take back ", fmt::join(seen.objects, ", "));
}

/// One line for what has ended, two for what has to be settled.
Result<std::string> forecast_text(Environment& environment, Session& session, const TransactionRow& row,
                                  const SettleOrder& order)
{
    const journal::TransactionHead& head = row.head;
    if (needs_move_back(row)) {
        return fmt::format("would: move {}\n", words_of_way_back(head));
    }
    if (is_settled(row)) {
        return fmt::format("would: nothing, transaction {} of {} ended before: {}\n", head.id.brief(), head.vm_name,
                           row.outcome);
    }
    if (!row.outcome.empty()) {
        return fmt::format("would: pay {} debt(s) of transaction {} of {}\n", row.open_debts, head.id.brief(),
                           head.vm_name);
    }
    VMF_TRY_ASSIGN(const Forecast seen, forecast(environment, session, row, order));
    switch (engine::table_of(seen.plan)) {
    case engine::Table::offline: return offline_forecast(head, seen);
    case engine::Table::storage: return storage_forecast(head, seen);
    case engine::Table::cold: return cold_forecast(seen);
    case engine::Table::live: break;
    }
    return forecast_line(seen.plan, seen.diagnosis, seen.objects) + "\n";
}

template <typename Found>
Result<> put(Result<Found> found, Found& into)
{
    VMF_TRY_ASSIGN(into, std::move(found));
    return {};
}

}  // namespace

Result<> diagnose_into(engine::Context& context, const engine::SettleOptions& options, Forecast& forecast)
{
    switch (engine::table_of(forecast.plan)) {
    case engine::Table::offline: return put(engine::diagnose_offline(context), forecast.offline);
    case engine::Table::storage: return put(engine::diagnose_storage(context), forecast.storage);
    case engine::Table::cold: return put(engine::diagnose_cold(context), forecast.cold);
    case engine::Table::live: break;
    }
    return put(engine::diagnose(context, options), forecast.diagnosis);
}

std::string forecast_line(const model::Plan& plan, const engine::Diagnosis& seen,
                          const std::vector<std::string>& objects)
{
    return fmt::format("{}: {} on {}, {} on {}: {}\nwould: {}{}{}", plan.vm_name, model::describe(seen.source),
                       plan.source, model::describe(seen.target), plan.target, seen.row->reason,
                       words(seen.row->action), objects.empty() ? "" : " -> take back ", fmt::join(objects, ", "));
}

ExitCode tell_forecast(Environment& environment, Session& session, const TransactionRow& row, const SettleOrder& order)
{
    auto text = forecast_text(environment, session, row, order);
    if (!text) {
        const Report report = untouched("rollback", row.head.vm_name, row.head.target, std::move(text).error());
        tell(environment, report);
        return report.code;
    }
    if (environment.settings.globals.format == Format::json) {
        OrderedJson json;
        json["schema"] = k_result_schema;
        json["tx"] = row.head.id.str();
        json["command"] = "rollback";
        json["outcome"] = "dry-run";
        json["exit_code"] = 0;
        json["changed"] = false;
        json["would"] = text->substr(0, text->size() - 1);
        environment.output.result(dump_line(json));
        return ExitCode::ok;
    }
    environment.output.result(*text);
    return ExitCode::ok;
}

}  // namespace vmferry::cli
