#include "cli/kept.hpp"

#include <fmt/format.h>

#include "core/engine/kept_images.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using journal::TransactionRow;

namespace {

bool keeps_images(journal::Store& store, const Uuid& transaction)
{
    const auto entries = store.entries(transaction);
    return entries && !engine::kept_images(*entries).empty();
}

}  // namespace

Result<std::vector<TransactionRow>> moves_that_keep(journal::Store& store, const std::string& vm)
{
    VMF_TRY_ASSIGN(std::vector<TransactionRow> rows, store.transactions());
    std::erase_if(rows, [&](const TransactionRow& row) {
        const bool is_meant = vm.empty() || row.head.vm_name == vm || row.head.vm_uuid.str() == vm;
        return !is_meant || row.head.command != "storage-move" || row.outcome.empty() ||
               !keeps_images(store, row.head.id);
    });
    return rows;
}

phases::StorageRequest way_back_of(journal::Store& store, const model::Plan& plan)
{
    return phases::way_back(plan, keeps_images(store, plan.transaction));
}

Report carry_out_way_back(Environment& environment, Session& session, const Order& order, const Uuid& undone)
{
    Report report = carry_out(environment, session, order).report;
    report.command = "rollback";
    const bool is_back = report.code == ExitCode::ok || report.code == ExitCode::committed_degraded;
    if (is_back && keeps_images(session.store(), undone)) {
        const journal::Draft in_use_again{journal::Kind::settled, std::string(engine::k_kept), Json::object()};
        if (const auto written = session.store().append(undone, {&in_use_again, 1}); !written) {
            report.outcome.warnings.push_back(fmt::format("transaction {} still counts its old images as kept: {}",
                                                          undone.brief(), written.error().text()));
        }
    }
    return report;
}

ExitCode release_kept(Environment& environment, Session& session, const std::string& vm, const SettleOrder& order)
{
    auto rows = moves_that_keep(session.store(), vm);
    if (rows && rows->empty()) {
        rows = fail(Error(ErrorKind::not_found, fmt::format("no storage-move of '{}' has kept an image", vm))
                        .with_next("vmferry status"));
    }
    if (!rows) {
        const Report report = untouched("storage-move", vm, "", std::move(rows).error());
        tell(environment, report);
        return report.code;
    }
    ExitCode worst = ExitCode::ok;
    for (const TransactionRow& row : *rows) {
        Report report = settle_transaction(environment, session, row, order);
        report.command = "storage-move";
        tell(environment, report);
        worst = worse(worst, report.code);
    }
    return worst;
}

}  // namespace vmferry::cli
