#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/units.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 3> k_topics{{
    {"VMF-M001", "the target has memory for the VM",
     "The target needs the VM's maximum memory and what the emulator itself uses: about 256 MiB, 8 MiB "
     "for each virtual CPU and one part in 512 for page tables. Compared is what the target could give "
     "at once: free memory, buffers and page cache, not swap. With too little the target may start its "
     "copy and be killed for lack of memory when the guest already runs there. Free memory on the "
     "target, choose another one, or shrink the VM (virsh setmaxmem). A host that shares pages or has "
     "fast swap may be given more: --accept VMF-M001."},
    {"VMF-M002", "the target has the huge pages that the VM wants",
     "Memory backed by huge pages is taken from a pool that the administrator reserves. The target needs "
     "as many free pages of the same size as the VM has memory. Reserve more on the target (echo N > "
     "/sys/kernel/mm/hugepages/hugepages-SIZEkB/nr_hugepages, early after boot), or choose another "
     "target. Whether they are on the right NUMA node is not checked."},
    {"VMF-M003", "pins to NUMA nodes and processors",
     "A VM that is pinned to NUMA nodes or processors takes its pins along as they are written. On a "
     "host of another shape they name other processors, or none. libvirt on the target refuses pins that "
     "do not exist, so the move ends where it began; pins that exist but lie elsewhere only cost speed. "
     "Compare virsh capabilities (topology) of both hosts."},
}};
constexpr const Topic& k_memory = k_topics[0];
constexpr const Topic& k_huge_pages = k_topics[1];
constexpr const Topic& k_numa = k_topics[2];

constexpr uint64_t k_mib = 1024 * 1024;
constexpr uint64_t k_emulator_bytes = 256 * k_mib;
constexpr uint64_t k_vcpu_bytes = 8 * k_mib;
constexpr uint64_t k_page_table_share = 512;
/// Less than this part of the target's memory left over is tight.
constexpr uint64_t k_tight_share = 20;

uint64_t overhead_bytes(const model::DomainFacts& domain)
{
    return k_emulator_bytes + k_vcpu_bytes * domain.vcpus + domain.memory_bytes / k_page_table_share;
}

model::Finding judge_memory(const CheckContext& context)
{
    const model::HostFacts& target = context.target_facts;
    const uint64_t guest = context.domain.hugepage_size_bytes == 0 ? context.domain.memory_bytes : 0;
    const uint64_t needed = guest + overhead_bytes(context.domain);
    const std::string remedy =
        fmt::format("free memory on {}, choose another target, or: {}", target.label, accept_option(k_memory));
    if (target.memory_available_bytes == 0 || context.domain.memory_bytes == 0) {
        return error(k_memory, "memory",
                     fmt::format("not checked: how much memory {} has free, or the VM needs", target.label), remedy,
                     {{"checked", false}});
    }
    const uint64_t available = target.memory_available_bytes;
    Json facts = {{"needed_bytes", needed}, {"available_bytes", available}};
    const std::string numbers = fmt::format("{} needed, {} free", format_size(needed), format_size(available));
    if (available < needed) {
        return error(k_memory, "memory", fmt::format("{} on {}", numbers, target.label), remedy, std::move(facts));
    }
    if (available - needed < target.memory_total_bytes / k_tight_share) {
        return warn(k_memory, "memory", fmt::format("{}: {} will be nearly full", numbers, target.label),
                    fmt::format("free memory on {}, or choose another target", target.label), std::move(facts));
    }
    return ok(k_memory, "memory", numbers, std::move(facts));
}

model::Finding judge_huge_pages(CheckContext& context)
{
    const uint64_t size = context.domain.hugepage_size_bytes;
    const std::string& target = context.target_facts.label;
    const std::string remedy =
        fmt::format("on {}: echo N >/sys/kernel/mm/hugepages/hugepages-{}kB/nr_hugepages", target, size / 1024);
    const auto free_pages = context.target.capabilities().free_huge_pages(size);
    if (!free_pages) {
        return unanswered(k_huge_pages, "huge pages", fmt::format("free pages of {} on {}", format_size(size), target),
                          free_pages.error(), model::Severity::error, remedy);
    }
    const uint64_t needed = context.domain.memory_bytes / size + (context.domain.memory_bytes % size == 0 ? 0 : 1);
    const std::string numbers =
        fmt::format("{} pages of {} needed, {} free on {}", needed, format_size(size), *free_pages, target);
    Json facts = {{"needed_pages", needed}, {"free_pages", *free_pages}, {"page_size_bytes", size}};
    return *free_pages < needed ? error(k_huge_pages, "huge pages", numbers, remedy, std::move(facts))
                                : ok(k_huge_pages, "huge pages", numbers, std::move(facts));
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings{judge_memory(context)};
    findings.push_back(context.domain.hugepage_size_bytes == 0
                           ? not_applicable(k_huge_pages, "huge pages", "none wanted")
                           : judge_huge_pages(context));
    if (!context.domain.now.active()) {
        // It takes nothing now, and what is free at its next start nobody knows.
        for (model::Finding& finding : findings) {
            finding.severity = std::min(finding.severity, model::Severity::warn);
        }
    }
    findings.push_back(
        context.domain.numa_pinned
            ? warn(k_numa, "numa",
                   fmt::format("not checked: its pins to nodes and processors travel as "
                               "written; do they fit {}?",
                               context.target_facts.label),
                   fmt::format("on {}: virsh capabilities; compare the topology", context.target_facts.label),
                   {{"checked", false}})
            : not_applicable(k_numa, "numa", "not pinned"));
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(memory, k_topics, run);

}  // namespace vmferry::checks
