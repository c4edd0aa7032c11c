#include "core/engine/marked_ledger.hpp"

namespace vmferry::engine {

using journal::Kind;

namespace {

/// The target's marker came with the migrate call, and that after all images were made. Without it nobody tells whether
/// a file of that name is ours.
void add_images(std::vector<journal::Draft>& ledger, const model::Plan& plan)
{
    for (const model::DiskMove& disk : plan.copies.disks) {
        ledger.push_back(
            {Kind::ledger, "image:" + disk.target, {{"path", disk.to}, {"working_pool", disk.working_pool}}});
    }
}

}  // namespace

Result<std::vector<journal::Draft>> marked_ledger(Context& context, const std::vector<Phase>& phases,
                                                  const Markers& markers)
{
    std::vector<journal::Draft> ledger;
    for (const Phase& phase : phases) {
        for (const Step& step : phase.steps) {
            const std::string object(step.object);
            if (phase.after_switch || !step.undo) {
                continue;
            }
            if (object == "image:" && markers.target) {
                add_images(ledger, context.plan);
            }
            if (object.empty() || object.back() == ':') {
                continue;
            }
            if (object == "nvram:target") {
                if (markers.target && markers.target->nvram) {
                    ledger.push_back({Kind::ledger, object, {{"path", context.plan.nvram}}});
                }
                continue;
            }
            VMF_TRY_ASSIGN(std::optional<Json> intent, step.intent(context));
            if (intent) {
                ledger.push_back({Kind::ledger, object, std::move(*intent)});
            }
        }
    }
    return ledger;
}

std::vector<std::string> files_at_target(const model::Plan& plan)
{
    std::vector<std::string> files;
    for (const model::DiskMove& disk : plan.copies.disks) {
        files.push_back(disk.to);
    }
    if (!plan.nvram.empty()) {
        files.push_back(plan.nvram);
    }
    return files;
}

}  // namespace vmferry::engine
