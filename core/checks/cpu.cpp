#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 3> k_topics{{
    {"VMF-C003", "the target's CPU has what the guest was promised",
     "A guest looks at its CPU once, when it boots, and then uses what it found. The CPU model and "
     "features of the running VM are compared with what the target's processor and emulator offer. When "
     "one is missing the guest would die of an illegal instruction, sometimes hours later. Choose a "
     "target with at least the same features, or give the VM a CPU model that all hosts have (virsh "
     "hypervisor-cpu-baseline with the CPUs of all hosts gives one; virsh edit; restart the VM)."},
    {"VMF-C010", "a CPU passed through is the same on both hosts",
     "With CPU mode 'host-passthrough' or 'maximum' the guest has every feature of the source's "
     "processor, whatever the definition lists, so the processors of the two hosts themselves are "
     "compared. Only when libvirt calls them identical may the VM move, and even then their microcode "
     "and kernels are not compared: that is the warning. A target that merely has more is an error, "
     "because the guest would see another processor from one moment to the next. Compare the <cpu> "
     "element of virsh capabilities on both hosts; when you know that they suit each other, --accept "
     "VMF-C010 is reasonable. Better: use mode 'custom' or 'host-model' and restart the VM."},
    {"VMF-C008", "the guest's time stamp counter",
     "A CPU with the feature 'invtsc' promises the guest a clock of constant frequency. Another host has "
     "another frequency, so QEMU refuses to migrate it unless the definition fixes one. Write <timer "
     "name='tsc' frequency='...'/> with the source's frequency (virsh capabilities) into the definition, "
     "or remove the feature, and restart the VM."},
}};
constexpr const Topic& k_cpu = k_topics[0];
constexpr const Topic& k_passthrough = k_topics[1];
constexpr const Topic& k_invtsc = k_topics[2];

using Verdict = world::Capabilities::CpuVerdict;

/// What compare_cpu says of two processors that have the same model and features.
constexpr std::string_view k_identical = "identical";

model::Finding judge_features(const CheckContext& context, const Result<Verdict>& verdict)
{
    const std::string& target = context.target_facts.label;
    if (!verdict) {
        return unanswered(
            k_cpu, "cpu", fmt::format("does {} have the guest's CPU", target), verdict.error(), model::Severity::error,
            fmt::format("on {}: virsh hypervisor-cpu-compare FILE, with the <cpu> of the VM in FILE", target));
    }
    const std::string detail = verdict->detail.empty() ? "" : fmt::format(" ({})", verdict->detail);
    if (!verdict->compatible) {
        return error(k_cpu, "cpu", fmt::format("{} lacks features of the guest's CPU{}", target, detail),
                     "choose another target, or a CPU model that both hosts have: virsh hypervisor-cpu-baseline");
    }
    return ok(k_cpu, "cpu", fmt::format("{} has all features of the guest's CPU{}", target, detail));
}

/// An emulated CPU depends on the emulator alone.
bool is_same_emulated_cpu(const CheckContext& context)
{
    return context.domain.virt_type == "qemu" && context.source_facts.hypervisor_version != 0 &&
           context.source_facts.hypervisor_version == context.target_facts.hypervisor_version;
}

model::Finding judge_passed_through(const CheckContext& context, const Result<Verdict>& verdict)
{
    const std::string& mode = context.domain.cpu_mode;
    const std::string compare = fmt::format("compare virsh capabilities and /proc/cpuinfo (microcode) of {} and {}",
                                            context.source_facts.label, context.target_facts.label);
    Json facts = {{"mode", mode}, {"identical", false}};
    if (is_same_emulated_cpu(context)) {
        return ok(k_passthrough, "cpu", fmt::format("mode {}: emulated by the same version", mode));
    }
    if (context.domain.virt_type != "qemu" && verdict && verdict->compatible && verdict->detail == k_identical) {
        facts["identical"] = true;
        return warn(k_passthrough, "cpu",
                    fmt::format("mode {}: processors are identical; microcode and kernel were not compared", mode),
                    compare, std::move(facts));
    }
    return error(k_passthrough, "cpu", fmt::format("mode {}: the processors are not known to be identical", mode),
                 fmt::format("{}; when they suit each other: {}", compare, accept_option(k_passthrough)),
                 std::move(facts));
}

std::vector<model::Finding> run(CheckContext& context)
{
    const model::DomainFacts& domain = context.domain;
    if (!domain.now.active() && domain.cpu_mode != "custom") {
        return {not_applicable(k_cpu, "cpu", "the VM is off: its CPU is made anew at each start")};
    }
    const auto verdict = context.target.capabilities().compare_cpu(domain);
    std::vector<model::Finding> findings{judge_features(context, verdict)};
    if (domain.cpu_mode == "host-passthrough" || domain.cpu_mode == "maximum") {
        findings.push_back(judge_passed_through(context, verdict));
    }
    if (domain.invtsc) {
        findings.push_back(
            error(k_invtsc, "cpu", "feature invtsc without a fixed TSC frequency cannot be migrated",
                  fmt::format("virsh edit {}: <timer name='tsc' frequency='...'/>, then restart it", domain.name)));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(cpu, k_topics, run);

}  // namespace vmferry::checks
