// How a command that moves or settles one VM ended, ready to be told as text or JSON.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/environment.hpp"
#include "core/base/json.hpp"
#include "core/engine/outcome.hpp"
#include "core/model/plan.hpp"

namespace vmferry::cli {

/// One act of recovery, for `undone` of the JSON result.
struct UndoneStep {
    int64_t step = 0;  ///< Number of the LEDGER entry in the journal.
    std::string action;
    bool ok = true;
};

struct Report {
    std::string command;  ///< "migrate", "rollback", "precheck".
    std::string transaction;
    std::string vm_name;
    std::string vm_uuid;
    std::string from;
    std::string to;
    std::string retry;  ///< The command line that tries it again.
    engine::Outcome outcome;
    engine::ExitCode code = engine::ExitCode::internal;
    std::string unchanged;  ///< Why nothing had to be done; empty: something was.
    std::string said{};     ///< What was done, in words; empty: the outcome's own.
    std::vector<UndoneStep> undone;
    model::StorageMove storage;  ///< Of a storage-move: where its disks were and were to go.
    model::DiskCopies copies;    ///< Of a move between hosts: disks that were to go with the VM.

    [[nodiscard]] const std::string& own_words() const { return unchanged.empty() ? said : unchanged; }
    [[nodiscard]] std::string brief() const { return transaction.substr(0, 13); }
};

/// Nothing was touched.
[[nodiscard]] Report untouched(const std::string& command, const std::string& vm, const std::string& to, Error error);

/// "VMF-E066": the error's own id, or the one of its kind.
[[nodiscard]] std::string error_id(const Error& error);
/// The id of how it ended, for outcomes without an error of their own.
[[nodiscard]] std::string outcome_id(const engine::Outcome& outcome);

/// The four lines, and the cause before them when there is one.
[[nodiscard]] std::string failure_text(const Report& report, const Palette& palette);
/// How it ended and where the VM is, in one line.
[[nodiscard]] std::string summary_text(const Report& report);
/// The id of the error, or of how it ended.
[[nodiscard]] std::string report_id(const Report& report);
/// The human result: on stdout when all went well, else its last four lines on stderr.
void tell_as_text(Environment& environment, const Report& report, bool quiet);
[[nodiscard]] OrderedJson result_json(const Report& report);
[[nodiscard]] OrderedJson error_json(const Error& error);
/// A finding as it stands in `checks`.
[[nodiscard]] OrderedJson check_json(const model::Finding& finding);
/// One line, keys in the order in which they were set. Never throws.
[[nodiscard]] std::string dump_line(const OrderedJson& json);

/// In the format that was asked for. Failures are told on stderr in any format.
void tell(Environment& environment, const Report& report);
/// An error of a command that has no report yet: the last four lines, and `{"schema", "error"}` as JSON.
void tell_error(Environment& environment, std::string_view schema, const Error& error);
/// The last four lines when nothing was touched.
[[nodiscard]] std::string untouched_text(const Error& error, const Palette& palette);

/// The worse of two, by the order of the manual.
[[nodiscard]] engine::ExitCode worse(engine::ExitCode one, engine::ExitCode other);

}  // namespace vmferry::cli
