// A plan file: as it is, and as a change of a good one with a digest that fits, which whoever changes a plan
// can make, too.

#include "core/model/plan_file.hpp"
#include "core/base/digest.hpp"
#include "core/base/json.hpp"
#include "tests/fuzz/samples.hpp"
#include "tests/fuzz/targets.hpp"

namespace vmferry::fuzz {

namespace {

void read(const std::string& text)
{
    const auto file = model::plan_file_from_text(text);
    if (!file) {
        require(file.error().kind() == ErrorKind::bad_plan, "what is wrong with it is said as such");
        return;
    }
    const auto again = model::plan_file_from_text(model::to_text(*file));
    require(again && model::digest(*again) == model::digest(*file), "a plan is read as it is written");
    static_cast<void>(model::check_rules(*file, {.keys = {}, .require_signature = true, .now_ms = 0}));
    require(model::check_facts(file->facts, file->facts).has_value(), "a plan fits itself");
    require(model::check_plan(file->plan, file->plan).has_value(), "a plan fits itself");
}

}  // namespace

void read_plan_file(const std::string& text)
{
    read(text);
    const auto patch = parse_json(text);
    if (!patch || !patch->is_object()) {
        return;
    }
    model::PlanFile file;
    file.plan = sample_plan();
    file.facts = {{"vm.state", "running"}};
    file.steps = {{"reserve", "marker:source", Json::object()}};
    file.expires_at_ms = 1;
    Json json = parse_json(model::to_text(file)).value();
    // A list is replaced as a whole by a patch, so the one move is patched by itself.
    if (patch->contains("move")) {
        json["moves"][0] = patched(json["moves"][0], patch->at("move"));
    }
    json = patched(std::move(json), *patch);
    json.erase("move");
    Json body = json;
    body.erase("digest");
    body.erase("signature");
    json["digest"] = sha256_hex(dump_json(body));
    read(dump_json(json));
}

}  // namespace vmferry::fuzz
