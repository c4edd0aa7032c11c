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
     "processor, whatever the definition lists, so there is nothing that could be compared with the "
     "target. It is safe only between hosts with the same processor model, microcode and kernel. vmferry "
     "cannot see that, so it is an error. Compare the <cpu> element of virsh capabilities on both hosts; "
     "when they are equal, --accept VMF-C010 is reasonable. Better: use mode 'custom' or 'host-model' "
     "and restart the VM."},
    {"VMF-C008", "the guest's time stamp counter",
     "A CPU with the feature 'invtsc' promises the guest a clock of constant frequency. Another host has "
     "another frequency, so QEMU refuses to migrate it unless the definition fixes one. Write <timer "
     "name='tsc' frequency='...'/> with the source's frequency (virsh capabilities) into the definition, "
     "or remove the feature, and restart the VM."},
}};
constexpr const Topic& k_cpu = k_topics[0];
constexpr const Topic& k_passthrough = k_topics[1];
constexpr const Topic& k_invtsc = k_topics[2];

model::Finding compare(CheckContext& context)
{
    const std::string& target = context.target_facts.label;
    const auto verdict = context.target.capabilities().compare_cpu(context.domain);
    if (!verdict) {
        return unanswered(k_cpu, "cpu", fmt::format("does {} have the guest's CPU", target), verdict.error(),
                          model::Severity::error,
                          fmt::format("on {}: virsh hypervisor-cpu-compare FILE, with the <cpu> "
                                      "of the VM in FILE",
                                      target));
    }
    if (!verdict->compatible) {
        return error(
            k_cpu, "cpu",
            verdict->detail.empty() ? fmt::format("{} lacks features of the guest's CPU", target)
                                    : fmt::format("{}: {}", target, verdict->detail),
            "choose another target, or a CPU model that both hosts have: virsh hypervisor-cpu-baseline");
    }
    return ok(k_cpu, "cpu",
              verdict->detail.empty() ? fmt::format("{} has all features of the guest's CPU", target)
                                      : verdict->detail);
}

/// An emulated "maximum" CPU depends on the emulator alone.
bool is_same_emulated_cpu(const CheckContext& context)
{
    return context.domain.virt_type == "qemu" && context.domain.cpu_mode == "maximum" &&
           context.source_facts.hypervisor_version != 0 &&
           context.source_facts.hypervisor_version == context.target_facts.hypervisor_version;
}

std::vector<model::Finding> run(CheckContext& context)
{
    const model::DomainFacts& domain = context.domain;
    std::vector<model::Finding> findings{compare(context)};
    const bool passed_through = domain.cpu_mode == "host-passthrough" || domain.cpu_mode == "maximum";
    if (passed_through && !is_same_emulated_cpu(context)) {
        findings.push_back(error(
            k_passthrough, "cpu",
            fmt::format("mode {}: cannot be compared; safe only between equal processors", domain.cpu_mode),
            fmt::format("compare virsh capabilities of {} and {}; when their <cpu> is equal: {}",
                        context.source_facts.label, context.target_facts.label, accept_option(k_passthrough)),
            {{"mode", domain.cpu_mode}}));
    }
    if (domain.invtsc) {
        findings.push_back(error(
            k_invtsc, "cpu", "feature invtsc without a fixed TSC frequency cannot be migrated",
            fmt::format("virsh edit {}: <timer name='tsc' frequency='...'/>, then restart it", domain.name)));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(cpu, k_topics, run);

}  // namespace vmferry::checks
