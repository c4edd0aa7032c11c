#include "core/model/plan_file.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/model/fields.hpp"

namespace vmferry::model {

namespace {

constexpr const char* k_schema = "vmferry.plan/1";
constexpr const char* k_algorithm = "ed25519";

Json steps_json(const std::vector<PlannedStep>& steps)
{
    Json json = Json::array();
    for (const PlannedStep& step : steps) {
        json.push_back({{"phase", step.phase}, {"object", step.object}, {"detail", step.detail}});
    }
    return json;
}

/// All but digest and signature.
Json body_of(const PlanFile& file)
{
    const Json move{{"plan", to_json(file.plan)},
                    {"facts", file.facts},
                    {"steps", steps_json(file.steps)},
                    {"accept", file.accepted}};
    return {{"schema", k_schema},
            {"created", rfc3339(file.created_at_ms)},
            {"created_at_ms", file.created_at_ms},
            {"expires", rfc3339(file.expires_at_ms)},
            {"expires_at_ms", file.expires_at_ms},
            {"moves", Json::array({move})}};
}

Error bad(const std::string& what)
{
    return Error(ErrorKind::bad_plan, what).with_next("make a new plan: vmferry plan VM DEST -O FILE");
}

Result<std::vector<PlannedStep>> steps_from(const Json& json)
{
    if (!json.is_array()) {
        return fail(bad("the plan has no steps"));
    }
    std::vector<PlannedStep> steps;
    for (const Json& one : json) {
        Fields fields(one, "step");
        PlannedStep step{fields.text("phase"), fields.text("object"), fields.raw("detail")};
        if (!fields.problem().empty()) {
            return fail(bad(fields.problem()));
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

Result<Facts> facts_from(const Json& json)
{
    if (!json.is_object()) {
        return fail(bad("the plan has no facts"));
    }
    Facts facts;
    for (const auto& [name, value] : json.items()) {
        if (!value.is_string()) {
            return fail(bad("the plan's fact " + name + " is not a text"));
        }
        facts[name] = value.get<std::string>();
    }
    return facts;
}

Result<std::optional<Signature>> signature_from(const Json& json)
{
    if (json.is_null()) {
        return std::nullopt;
    }
    Fields fields(json, "signature");
    Signature signature{fields.text("key"), fields.text("value")};
    if (const std::string algorithm = fields.text("algorithm"); algorithm != k_algorithm) {
        fields.reject("algorithm", "is not known: " + algorithm);
    }
    if (!fields.problem().empty()) {
        return fail(bad(fields.problem()));
    }
    return signature;
}

Result<> read_move(const Json& json, PlanFile& file)
{
    Fields fields(json, "move");
    file.accepted = fields.texts("accept");
    if (!fields.problem().empty()) {
        return fail(bad(fields.problem()));
    }
    VMF_TRY_ASSIGN(file.facts, facts_from(fields.raw("facts")));
    VMF_TRY_ASSIGN(file.steps, steps_from(fields.raw("steps")));
    VMF_TRY_ASSIGN(file.plan, plan_from_json(fields.raw("plan")));
    return {};
}

}  // namespace

std::string digest(const PlanFile& file) { return canonical_digest(body_of(file)); }

std::string to_text(const PlanFile& file)
{
    Json json = body_of(file);
    json["digest"] = digest(file);
    json["signature"] = nullptr;
    if (file.signature) {
        json["signature"] = {
            {"algorithm", k_algorithm}, {"key", file.signature->key}, {"value", file.signature->value}};
    }
    return dump_json(json) + "\n";
}

Result<PlanFile> plan_file_from_text(const std::string& text)
{
    const auto json = parse_json(text);
    if (!json || !json->is_object()) {
        return fail(Error(bad("this is not a plan file")).with_cause(json ? "" : json.error().text()));
    }
    Fields fields(*json, "plan file");
    if (fields.text("schema") != k_schema) {
        return fail(bad("this is not a plan file that this vmferry knows: its schema is not vmferry.plan/1"));
    }
    PlanFile file;
    file.created_at_ms = fields.integer("created_at_ms");
    file.expires_at_ms = fields.integer("expires_at_ms");
    const std::string told = fields.text("digest");
    const Json& moves = fields.raw("moves");
    if (!moves.is_array() || moves.size() != 1) {
        fields.reject("moves", "must hold one move");
    }
    if (!fields.problem().empty()) {
        return fail(bad(fields.problem()));
    }
    VMF_TRY(read_move(moves.front(), file));
    VMF_TRY_ASSIGN(file.signature, signature_from(fields.raw("signature")));
    // Over what stands there, not over what was understood: a word that nobody reads counts too.
    Json body = *json;
    body.erase("digest");
    body.erase("signature");
    if (canonical_digest(body) != told || digest(file) != told) {
        return fail(bad("the plan file was changed: its digest does not fit"));
    }
    return file;
}

Result<> check_rules(const PlanFile& file, const PlanRules& rules)
{
    if (rules.now_ms >= file.expires_at_ms) {
        return fail(bad("the plan has expired at " + rfc3339(file.expires_at_ms)));
    }
    if (!file.signature) {
        return rules.require_signature ? fail(bad("the plan is not signed, and the configuration wants it so"))
                                       : Result<>{};
    }
    if (rules.keys.empty()) {
        return rules.require_signature ? fail(bad("the configuration names no key that may sign plans")) : Result<>{};
    }
    std::string reason;
    for (const std::string& key : rules.keys) {
        const auto verified = verify(digest(file), *file.signature, key);
        if (verified) {
            return {};
        }
        if (verified.error().kind() == ErrorKind::config) {
            return verified;
        }
        reason += (reason.empty() ? "" : "; ") + verified.error().what();
    }
    return fail(Error(bad("the plan's signature is not good")).with_cause(reason));
}

Result<> check_facts(const Facts& planned, const Facts& now)
{
    for (const auto& [name, value] : planned) {
        const auto found = now.find(name);
        if (found == now.end() || found->second != value) {
            return fail(bad("the plan does not hold any more: " + name + " was " + value + ", is " +
                            (found == now.end() ? "unknown" : found->second)));
        }
    }
    return {};
}

Result<> check_plan(const Plan& planned, const Plan& now)
{
    const Json was = to_json(planned);
    const Json is = to_json(now);
    for (const auto& [key, value] : was.items()) {
        if (key != "transaction" && key != "epoch" && is.value(key, Json()) != value) {
            return fail(bad("the plan does not hold any more: " + key + " was " + dump_json(value) + ", is " +
                            dump_json(is.value(key, Json()))));
        }
    }
    return {};
}

}  // namespace vmferry::model
