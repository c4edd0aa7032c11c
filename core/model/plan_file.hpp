// A plan on paper: what `vmferry plan -O FILE` writes and `vmferry migrate --plan FILE` carries out.
//
// - Canonical JSON (keys sorted, no blanks), schema vmferry.plan/1. `digest` is the SHA-256 of the file's
//   object without `digest` and `signature`; the signature is over the digest's hexadecimal text.
// - The facts are what the planner saw and relied on. Whoever carries the plan out looks again, under the
//   lock of the VM, and refuses when one of them has changed.
// - A plan is carried out once: the transaction's id is in it, and the journal knows which were used. The
//   epoch is not: it is chosen when the transaction begins, higher than any seen by then.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/signature.hpp"
#include "core/model/plan.hpp"

namespace vmferry::model {

/// One act of the move that leaves something on a host, or changes it there.
struct PlannedStep {
    std::string phase;   ///< "reserve".
    std::string object;  ///< "autostart:source", as the journal's ledger calls it.
    Json detail;         ///< What an undo must know: paths, former values.
};

/// Name of the fact and its value as text: "vm.live_definition" -> SHA-256.
using Facts = std::map<std::string, std::string>;

struct PlanFile {
    Plan plan;  ///< Its transaction's id is the one under which it will be carried out.
    Facts facts;
    std::vector<PlannedStep> steps;
    std::vector<std::string> accepted;  ///< Check ids that the planner accepted.
    int64_t created_at_ms = 0;          ///< Wall clock.
    int64_t expires_at_ms = 0;          ///< Must be begun before.
    std::optional<Signature> signature;
};

/// The whole file with its digest, and the signature when there is one. One line.
[[nodiscard]] std::string to_text(const PlanFile& file);
/// What a signature is over.
[[nodiscard]] std::string digest(const PlanFile& file);
/// Kind `bad_plan` for text that is no plan file of this version, and when the digest does not fit.
[[nodiscard]] Result<PlanFile> plan_file_from_text(const std::string& text);

/// What the file is held against before it is carried out.
struct PlanRules {
    std::vector<std::string> keys;  ///< Public keys of those who may sign, as PEM files.
    bool require_signature = false;
    int64_t now_ms = 0;  ///< Wall clock.
};
/// Kind `bad_plan` when it has expired, when a signature is wanted and is missing, or when there is one
/// that is of none of the keys; `config` when a key file cannot be used. A signature that no key was
/// given for is not checked.
[[nodiscard]] Result<> check_rules(const PlanFile& file, const PlanRules& rules);

/// The first fact that is not as planned: kind `bad_plan`, with name, planned value and the one now.
[[nodiscard]] Result<> check_facts(const Facts& planned, const Facts& now);
/// The same for the plans themselves, without what is new each time: transaction and epoch.
[[nodiscard]] Result<> check_plan(const Plan& planned, const Plan& now);

}  // namespace vmferry::model
