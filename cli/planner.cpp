#include "cli/planner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <system_error>

#include "cli/report_copies.hpp"
#include "core/base/digest.hpp"
#include "core/base/text_diff.hpp"
#include "core/phases/phases.hpp"

namespace vmferry::cli {

using model::Side;

namespace {

void add_host(model::Facts& facts, const std::string& side, const model::HostFacts& host)
{
    facts[side + ".host_uuid"] = host.host_uuid;
    facts[side + ".hostname"] = host.hostname;
    facts[side + ".libvirt_version"] = std::to_string(host.libvirt_version);
    facts[side + ".hypervisor_version"] = std::to_string(host.hypervisor_version);
}

Result<std::string> diff_of(engine::Context& context, const model::Plan& plan)
{
    VMF_TRY_ASSIGN(const auto definitions,
                   context.hosts.at(Side::source)
                       .inspect()
                       .definitions(plan.vm_uuid, plan.marker(Side::target), plan.copies.disks));
    return unified_diff(plan.vm_name + " on " + plan.source, definitions.here, plan.vm_name + " on " + plan.target,
                        definitions.sent);
}

Result<> refuse_used(engine::Context& context, const Uuid& transaction)
{
    const auto row = context.store.find(transaction.str());
    if (!row) {
        return row.error().kind() == ErrorKind::not_found ? Result<>{} : fail(row.error());
    }
    const std::string how = row->outcome.empty() ? "unfinished" : row->outcome;
    return fail(Error(ErrorKind::bad_plan,
                      fmt::format("the plan was carried out before: transaction {} is {}", transaction.brief(), how))
                    .with_next(fmt::format("vmferry status {}", transaction.brief())));
}

}  // namespace

Result<model::Facts> facts_of(engine::Context& context)
{
    world::Host& source = context.hosts.at(Side::source);
    world::Host& target = context.hosts.at(Side::target);
    auto of_source = std::async(context.world.questions, [&] { return source.capabilities().facts(); });
    auto of_target = target.capabilities().facts();
    auto asked = of_source.get();
    VMF_TRY_ASSIGN(const model::HostFacts source_facts, std::move(asked));
    VMF_TRY_ASSIGN(const model::HostFacts target_facts, std::move(of_target));
    const model::BeforeImage& before = context.before;
    model::Facts facts{
        {"vm.state", std::string(model::to_string(before.state.state))},
        {"vm.live_definition", before.live_xml.empty() ? "" : sha256_hex(before.live_xml)},
        {"vm.inactive_definition", before.inactive_xml.empty() ? "" : sha256_hex(before.inactive_xml)},
        {"vm.managed_save", before.managed_save ? "yes" : "no"},
        {"vm.snapshots", fmt::format("{}", fmt::join(before.snapshots, " "))},
        {"vm.checkpoints", fmt::format("{}", fmt::join(before.checkpoints, " "))},
        {"vm.block_jobs", fmt::format("{}", fmt::join(before.block_jobs, " "))},
    };
    add_host(facts, "source", source_facts);
    add_host(facts, "target", target_facts);
    return facts;
}

Result<std::vector<model::PlannedStep>> steps_of(engine::Context& context)
{
    std::vector<model::PlannedStep> steps;
    bool new_nvram = false;
    for (const engine::Phase& phase : phases::phases_of_move(context.plan)) {
        for (const engine::Step& step : phase.steps) {
            if (step.object == "image:") {
                const auto images = image_steps(context.plan);
                steps.insert(steps.end(), images.begin(), images.end());
            }
            if (!step.intent) {
                continue;
            }
            VMF_TRY_ASSIGN(std::optional<Json> detail, step.intent(context));
            new_nvram = new_nvram || (step.object == "nvram:target" && detail);
            // The step itself asks the ledger of its transaction, which is not written yet.
            if (step.object == "nvram:source" && new_nvram) {
                detail = Json::object({{"path", context.plan.nvram}});
            }
            if (detail) {
                steps.push_back({std::string(phase.name), std::string(step.object), std::move(*detail)});
            }
        }
    }
    return steps;
}

Done make_plan_file(Environment& environment, Session& session, Order order, const PlanWish& wish, Planned& into)
{
    order.request.command = "precheck";
    order.after_run = [&](engine::Context& context) -> Result<> {
        if (context.outcome.kind != engine::OutcomeKind::checked) {
            return {};
        }
        model::PlanFile file;
        file.plan = context.plan;
        file.plan.command = "migrate";
        file.plan.transaction = Uuid::make_v7();
        file.accepted = order.request.accepted;
        file.created_at_ms = wall_clock_ms();
        file.expires_at_ms = file.created_at_ms + wish.lifetime.count();
        VMF_TRY_ASSIGN(file.facts, facts_of(context));
        VMF_TRY_ASSIGN(file.steps, steps_of(context));
        if (wish.diff) {
            VMF_TRY_ASSIGN(into.diff, diff_of(context, file.plan));
        }
        into.file = std::move(file);
        return {};
    };
    return carry_out(environment, session, order);
}

std::function<Result<>(engine::Context&)> carry_out_exactly(const model::PlanFile& file)
{
    return [&file](engine::Context& context) -> Result<> {
        VMF_TRY(refuse_used(context, file.plan.transaction));
        model::Plan now = context.plan;
        now.command = file.plan.command;  // A dry run is a precheck.
        VMF_TRY(model::check_plan(file.plan, now));
        VMF_TRY_ASSIGN(const model::Facts facts, facts_of(context));
        VMF_TRY(model::check_facts(file.facts, facts));
        if (context.plan.command == file.plan.command) {
            context.plan.transaction = file.plan.transaction;
        }
        return {};
    };
}

Result<model::PlanFile> read_plan_file(const std::string& path, const Config& config)
{
    std::ifstream stream(path);
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream) {
        return fail(Error(ErrorKind::bad_plan, fmt::format("the plan file {} cannot be read", path))
                        .with_next(fmt::format("ls -l {}", path)));
    }
    VMF_TRY_ASSIGN(model::PlanFile file, model::plan_file_from_text(text.str()));
    VMF_TRY(model::check_rules(file, {config.plan_keys, config.require_plan_signature, wall_clock_ms()}));
    if (config.require_tls && !file.plan.tls) {
        return fail(Error(ErrorKind::bad_plan, "the plan sends the memory in clear text, and require_tls forbids it")
                        .with_next("make a new plan: vmferry plan VM DEST -O FILE"));
    }
    return file;
}

Result<> write_plan_file(const std::string& path, const model::PlanFile& file)
{
    const std::string draft = path + ".new";
    std::ofstream stream(draft);
    stream << model::to_text(file);
    stream.close();
    std::error_code error;
    if (stream) {
        std::filesystem::rename(draft, path, error);
    }
    if (!stream || error) {
        const std::string why = std::generic_category().message(error ? error.value() : errno);
        std::filesystem::remove(draft, error);
        return fail(Error(ErrorKind::failed, fmt::format("the plan cannot be written to {}", path)).with_cause(why));
    }
    return {};
}

}  // namespace vmferry::cli
