// Results in both forms. A failure always ends with four lines, whatever the outcome.

#include "cli/report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "cli/report_copies.hpp"
#include "cli/report_precheck.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using engine::OutcomeKind;

namespace {

Report report_with(OutcomeKind kind)
{
    Report report;
    report.command = "migrate";
    report.transaction = "01939f3c-7a1b-7000-8000-000000000001";
    report.vm_name = "web1";
    report.vm_uuid = "0a8b7c6d-1111-4222-8333-444455556666";
    report.from = "kvm1";
    report.to = "kvm2";
    report.retry = "vmferry migrate web1 kvm2";
    report.outcome.kind = kind;
    report.outcome.location = {"kvm1", "running", true};
    report.code = report.outcome.exit_code();
    return report;
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    size_t start = 0;
    while (start < text.size()) {
        const size_t end = text.find('\n', start);
        lines.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return lines;
}

std::vector<std::string> failure(const Report& report) { return lines_of(failure_text(report, Palette(false))); }

}  // namespace

TEST(ReportTest, WhatIsTriedAgainCopiesToTheSamePlaces)
{
    model::DiskCopies copies;
    EXPECT_EQ(copies_retry(copies), "");
    copies.wanted = true;
    EXPECT_EQ(copies_retry(copies), " --copy-storage");
    model::DiskMove same;
    same.from = same.to = "/images/a.qcow2";
    model::DiskMove mapped;
    mapped.from = "/images/b.raw";
    mapped.to = "/fast/b.raw";
    model::DiskMove pooled;
    pooled.from = "/old/c.raw";
    pooled.to = "/pool/c.raw";
    pooled.pool = "ssd";
    copies.disks = {same, mapped, pooled, mapped};
    copies.keep_source = copies.synchronous = true;
    EXPECT_EQ(copies_retry(copies),
              " --copy-storage --map-storage /images=/fast --map-storage /old=ssd --keep-source --sync-writes");
}

TEST(ReportTest, EveryFailureEndsWithTheSameFourLines)
{
    for (const OutcomeKind kind :
         {OutcomeKind::committed_degraded, OutcomeKind::rolled_back, OutcomeKind::rolled_back_debts,
          OutcomeKind::not_as_before, OutcomeKind::in_doubt, OutcomeKind::lost, OutcomeKind::refused}) {
        const std::vector<std::string> lines = failure(report_with(kind));
        ASSERT_EQ(lines.size(), 4U) << to_string(kind);
        EXPECT_TRUE(lines[0].starts_with("error VMF-E") || lines[0].starts_with("warning VMF-E")) << lines[0];
        EXPECT_NE(lines[1].find("web1"), std::string::npos) << lines[1];
        EXPECT_TRUE(lines[2].ends_with(".")) << lines[2];
        EXPECT_TRUE(lines[3].starts_with("Next: ")) << lines[3];
    }
}

TEST(ReportTest, ARolledBackMoveSaysWhereTheVmIsAndHowToTryAgain)
{
    Report report = report_with(OutcomeKind::rolled_back);
    report.outcome.error =
        Error(ErrorKind::failed, "memory never converged").with_id("VMF-M021").with_cause("libvirt error 9: x");
    const std::vector<std::string> lines = failure(report);
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_EQ(lines[0], "cause: libvirt error 9: x");
    EXPECT_EQ(lines[1], "error VMF-M021: memory never converged");
    EXPECT_EQ(lines[2], "web1 is RUNNING on kvm1, as before: state, disks, definition and autostart verified equal.");
    EXPECT_EQ(lines[3], "Nothing is left on kvm2.");
    EXPECT_EQ(lines[4], "Next: vmferry migrate web1 kvm2     (details: vmferry audit 01939f3c-7a1b)");
}

TEST(ReportTest, AMoveThatDidNotConvergeIsTriedAgainWithMoreMeans)
{
    Report report = report_with(OutcomeKind::rolled_back);
    report.outcome.error = Error(ErrorKind::interrupted, "the memory did not converge").with_id("VMF-M021");
    report.outcome.schedule = model::ScheduleTrace{};
    EXPECT_TRUE(failure(report)[3].starts_with("Next: vmferry migrate web1 kvm2 --profile fast "));
    report.outcome.schedule->schedule.auto_converge = true;
    EXPECT_TRUE(failure(report)[3].starts_with("Next: vmferry migrate web1 kvm2  "));
}

TEST(ReportTest, WhatTheScheduleDidIsInTheResult)
{
    Report report = report_with(OutcomeKind::committed);
    EXPECT_TRUE(result_json(report)["schedule"].is_null());
    model::ScheduleTrace trace;
    trace.steps.push_back({.action = "raise-downtime",
                           .at = Milliseconds(1500),
                           .downtime = Milliseconds(20),
                           .pass = 4,
                           .remaining_bytes = 8,
                           .dirty_bytes_per_s = 7,
                           .rate_bytes_per_s = 6,
                           .reason = "flat"});
    trace.throttle_percent = 30;
    trace.downtime_limit = Milliseconds(20);
    report.outcome.schedule = trace;
    const OrderedJson json = result_json(report)["schedule"];
    EXPECT_EQ(json["profile"], "gentle");
    EXPECT_EQ(json["throttle_pct"], 30);
    EXPECT_EQ(json["downtime_limit_ms"], 20);
    EXPECT_TRUE(json["bwlimit_bytes_per_s"].is_null());
    EXPECT_EQ(json["steps"][0]["action"], "raise-downtime");
    EXPECT_EQ(json["steps"][0]["pass"], 4);
    EXPECT_EQ(json["steps"][0]["rate_bytes_per_s"], 6);
}

TEST(ReportTest, DebtsAreNamedAndTheCommandThatPaysThemIsNext)
{
    Report report = report_with(OutcomeKind::rolled_back_debts);
    report.outcome.debts = {"marker:source: no answer"};
    const std::vector<std::string> lines = failure(report);
    EXPECT_EQ(lines[2], "Still owed: marker:source: no answer.");
    EXPECT_TRUE(lines[3].starts_with("Next: vmferry rollback 01939f3c-7a1b"));
}

TEST(ReportTest, InDoubtShowsTheReasonAndTheExactCommands)
{
    Report report = report_with(OutcomeKind::in_doubt);
    report.outcome.reason = "both hosts run the VM";
    report.outcome.commands = {"virsh -c a destroy web1", "virsh -c b destroy web1"};
    const std::vector<std::string> lines = failure(report);
    EXPECT_NE(lines[1].find("both hosts run the VM"), std::string::npos);
    EXPECT_NE(lines[3].find("virsh -c a destroy web1   or: virsh -c b destroy web1"), std::string::npos);
}

TEST(ReportTest, JsonHasEveryFieldOfTheContract)
{
    Report report = report_with(OutcomeKind::committed);
    report.outcome.downtime = Milliseconds(183);
    const OrderedJson json = result_json(report);
    for (const char* key : {"schema", "tx", "command", "outcome", "exit_code", "changed", "vm", "location", "from",
                            "to", "downtime_ms", "duration_ms", "bytes_sent", "passes", "warnings", "debts", "error"}) {
        EXPECT_TRUE(json.contains(key)) << key;
    }
    EXPECT_EQ(json["downtime_ms"], 183);
    EXPECT_EQ(json["changed"], true);
    EXPECT_TRUE(json["error"].is_null());
}

TEST(ReportTest, JsonOfBytesThatAreNotUtf8DoesNotThrow)
{
    Report report = report_with(OutcomeKind::rolled_back);
    report.outcome.warnings = {"\xff\xfe"};
    EXPECT_FALSE(dump_line(result_json(report)).empty());
}

TEST(ReportTest, EveryErrorHasAnId)
{
    EXPECT_EQ(error_id(Error(ErrorKind::not_found, "x")), "VMF-E066");
    EXPECT_EQ(error_id(Error(ErrorKind::failed, "x")), "VMF-E001");
    EXPECT_EQ(error_id(Error(ErrorKind::unknown, "x")), "VMF-E002");
    EXPECT_EQ(error_id(Error(ErrorKind::busy, "x").with_id("VMF-E176")), "VMF-E176");
}

TEST(ReportTest, TheWorseOfTwoCodesIsTheOneThatMustWakeSomebody)
{
    EXPECT_EQ(worse(ExitCode::ok, ExitCode::temp_fail), ExitCode::temp_fail);
    EXPECT_EQ(worse(ExitCode::rolled_back, ExitCode::in_doubt), ExitCode::in_doubt);
    EXPECT_EQ(worse(ExitCode::rollback_failed, ExitCode::in_doubt), ExitCode::rollback_failed);
    EXPECT_EQ(worse(ExitCode::blocked, ExitCode::not_found), ExitCode::blocked);
    EXPECT_EQ(worse(ExitCode::ok, ExitCode::ok), ExitCode::ok);
}

TEST(ReportPrecheckTest, TheTableShowsFindingsWithTheirRemedyAndTheVerdict)
{
    Done done;
    done.report = report_with(OutcomeKind::checked);
    done.report.outcome.findings = {
        {"VMF-C003", model::Severity::ok, "cpu", "supported", Json::object(), "", false},
        {"VMF-D001", model::Severity::ok, "tpm", "none", {{"applies", false}}, "", false},
        {"VMF-S014", model::Severity::warn, "disk vdb", "cache=writeback", Json::object(), "use none", false},
    };
    const std::string text = precheck_text(done, Palette(false));
    EXPECT_NE(text.find("warn  VMF-S014  disk vdb"), std::string::npos) << text;
    EXPECT_NE(text.find("fix: use none"), std::string::npos);
    EXPECT_EQ(text.find("VMF-D001"), std::string::npos);
    EXPECT_NE(text.find("Result: can migrate, 1 warning."), std::string::npos);
    EXPECT_EQ(precheck_json(done.report)["verdict"], "warn");
    EXPECT_EQ(precheck_json(done.report)["checks"][2]["subject"], "disk/vdb");
}

TEST(ReportPrecheckTest, AnAcceptedErrorNoLongerBlocks)
{
    Done done;
    done.report = report_with(OutcomeKind::checked);
    done.report.outcome.findings = {
        {"VMF-T005", model::Severity::error, "clocks", "behind", Json::object(), "ntp", true}};
    EXPECT_EQ(precheck_json(done.report)["verdict"], "ok");
    EXPECT_NE(precheck_text(done, Palette(false)).find("(accepted)"), std::string::npos);
}

}  // namespace vmferry::cli
