#include <fmt/format.h>

#include <array>

#include "core/checks/disks.hpp"
#include "core/checks/shared_directory.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 2> k_topics{{
    {"VMF-C005", "no foreign NVRAM file is in the way at the target",
     "A UEFI guest keeps its boot entries and keys in an NVRAM file. The target makes it from a template "
     "and fills it when the guest first runs there; a file that already has that path is overwritten "
     "without a word, and it may be the only good one of another VM, or what an earlier move left. The "
     "target is asked for the file; when it has one, its directory must be proved to be the same as the "
     "source's (then it is the VM's own file and is never deleted). An error means that a foreign file "
     "is there or that it could not be told. Look at it on the target, and move it away when nobody "
     "needs it. The file of a VM that is off has to be shared, or to be copied (--copy-storage): else nobody "
     "sends its content."},
    {"VMF-C011", "the NVRAM template exists at the target",
     "The target makes the NVRAM file from the template named in the definition. When the template is "
     "missing there the target cannot prepare the move. Install the firmware package (apt install ovmf) "
     "on the target, or change the template attribute (virsh edit)."},
}};
constexpr const Topic& k_nvram = k_topics[0];
constexpr const Topic& k_template = k_topics[1];

/// The target has a file of that path: whose is it?
void judge_existing(CheckContext& context, std::vector<model::Finding>& findings)
{
    const std::string& path = context.domain.nvram;
    const std::string& target = context.target_facts.label;
    const std::string directory = probe_directory(path);
    const DirectoryProof proof = directory.empty() ? DirectoryProof{} : prove_directory(context, directory);
    report_leftovers(k_nvram, context, proof, findings);
    const bool shared = proof.verdict == DirectoryProof::Verdict::shared;
    context.proofs.nvram_shared(shared);
    if (shared) {
        findings.push_back(ok(k_nvram, "nvram", fmt::format("{} is shared by both hosts", path), {{"shared", true}}));
        return;
    }
    const std::string doubt = proof.reason.empty() ? "" : fmt::format(" ({})", proof.reason);
    findings.push_back(error(k_nvram, "nvram",
                             fmt::format("{} already has {}, which would be overwritten{}", target, path, doubt),
                             fmt::format("on {}: look whose it is, then: mv {} {}.old", target, path, path),
                             {{"path", path}, {"exists", true}}));
}

void judge_file(CheckContext& context, std::vector<model::Finding>& findings)
{
    const std::string& path = context.domain.nvram;
    const std::string& target = context.target_facts.label;
    const auto found = context.target.datastore().file_exists(path);
    if (!found) {
        findings.push_back(unanswered(k_nvram, "nvram", fmt::format("does {} already have {}", target, path),
                                      found.error(), model::Severity::error,
                                      fmt::format("on {}: ls -l {}", target, path)));
        return;
    }
    context.proofs.nvram_at_target(*found);
    if (*found) {
        judge_existing(context, findings);
    } else if (!context.domain.now.active() && context.copies_wanted) {
        findings.push_back(ok(k_nvram, "nvram", fmt::format("{} will be copied to {}", path, target),
                              {{"path", path}, {"exists", false}}));
    } else if (!context.domain.now.active()) {
        // Nobody sends its content: the first start would make an empty one.
        findings.push_back(
            error(k_nvram, "nvram", fmt::format("{} is not on {}, and a VM that is off cannot send it", path, target),
                  fmt::format("let it be copied: --copy-storage; or put {} on storage that both hosts share", path),
                  {{"path", path}, {"exists", false}}));
    } else {
        findings.push_back(
            ok(k_nvram, "nvram", fmt::format("{} will be made on {}", path, target), {{"exists", false}}));
    }
}

void judge_template(CheckContext& context, std::vector<model::Finding>& findings)
{
    const std::string& path = context.domain.nvram_template;
    const std::string& target = context.target_facts.label;
    const std::string remedy = fmt::format("on {}: apt install ovmf, or copy {} there", target, path);
    const auto found = context.target.datastore().file_exists(path);
    if (!found) {
        findings.push_back(unanswered(k_template, "nvram", fmt::format("is {} on {}", path, target), found.error(),
                                      model::Severity::info, remedy));
    } else if (*found) {
        findings.push_back(ok(k_template, "nvram", fmt::format("template {} is found on {}", path, target)));
    } else {
        findings.push_back(
            error(k_template, "nvram", fmt::format("template {} is not found on {}", path, target), remedy));
    }
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    if (!context.domain.nvram.empty()) {
        judge_file(context, findings);
    }
    if (!context.domain.nvram.empty() && !context.domain.nvram_template.empty()) {
        judge_template(context, findings);
    }
    return or_not_applicable(std::move(findings), k_nvram, "nvram", "no NVRAM file");
}

}  // namespace

VMF_REGISTER_CHECK(nvram, k_topics, run);

}  // namespace vmferry::checks
