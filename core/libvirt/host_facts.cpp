#include "core/libvirt/host_facts.hpp"

#include <libvirt/virterror.h>

#include <string_view>
#include <vector>

#include "core/libvirt/failure.hpp"
#include "core/libvirt/handles.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

std::string security_model(const xml::Document& capabilities)
{
    std::string found = "none";
    for (const xml::Element& model : capabilities.elements("/capabilities/host/secmodel/model")) {
        const std::string name = model.text();
        // DAC is always there beside the one that matters more.
        if (name != "dac" && name != "none") {
            return name;
        }
        found = name == "dac" ? name : found;
    }
    return found;
}

Result<xml::Document> capabilities_of(virConnectPtr connection)
{
    char* text = virConnectGetCapabilities(connection);
    if (text == nullptr) {
        return failed_call("the host's capabilities cannot be read");
    }
    return xml::Document::parse(take_string(text));
}

Result<> read_memory(virConnectPtr connection, model::HostFacts& facts)
{
    int count = 0;
    if (virNodeGetMemoryStats(connection, VIR_NODE_MEMORY_STATS_ALL_CELLS, nullptr, &count, 0) < 0) {
        return failed_call("the host's memory cannot be read");
    }
    std::vector<virNodeMemoryStats> stats(static_cast<size_t>(count));
    if (virNodeGetMemoryStats(connection, VIR_NODE_MEMORY_STATS_ALL_CELLS, stats.data(), &count, 0) < 0) {
        return failed_call("the host's memory cannot be read");
    }
    for (const virNodeMemoryStats& one : stats) {
        const std::string_view field = one.field;
        const uint64_t bytes = uint64_t{one.value} * 1024;
        if (field == VIR_NODE_MEMORY_STATS_TOTAL) {
            facts.memory_total_bytes = bytes;
        } else if (field == VIR_NODE_MEMORY_STATS_FREE || field == VIR_NODE_MEMORY_STATS_BUFFERS ||
                   field == VIR_NODE_MEMORY_STATS_CACHED) {
            facts.memory_available_bytes += bytes;
        }
    }
    return {};
}

}  // namespace

Result<std::string> security_model_in(const std::string& capabilities)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(capabilities));
    return security_model(document);
}

Result<std::string> host_cpu_now(virConnectPtr connection)
{
    VMF_TRY_ASSIGN(const xml::Document document, capabilities_of(connection));
    const std::vector<xml::Element> cpus = document.elements("/capabilities/host/cpu");
    return cpus.empty() ? "" : cpus.front().dump();
}

Result<model::HostFacts> host_facts_now(virConnectPtr connection)
{
    model::HostFacts facts;
    char* hostname = virConnectGetHostname(connection);
    if (hostname == nullptr) {
        return failed_call("the host's name cannot be read");
    }
    facts.hostname = take_string(hostname);
    VMF_TRY_ASSIGN(const xml::Document document, capabilities_of(connection));
    facts.host_uuid = document.text("/capabilities/host/uuid");
    facts.arch = document.text("/capabilities/host/cpu/arch");
    facts.security_model = security_model(document);
    unsigned long version = 0;
    if (virConnectGetLibVersion(connection, &version) == 0) {
        facts.libvirt_version = version;
    }
    if (virConnectGetVersion(connection, &version) == 0) {
        facts.hypervisor_version = version;
    }
    VMF_TRY(read_memory(connection, facts));
    return facts;
}

Result<uint64_t> free_huge_pages_now(virConnectPtr connection, uint64_t page_size_bytes)
{
    virNodeInfo info{};
    if (virNodeGetInfo(connection, &info) < 0) {
        return failed_call("the host's topology cannot be read");
    }
    auto size_kib = static_cast<unsigned>(page_size_bytes / 1024);
    const unsigned cells = info.nodes == 0 ? 1 : info.nodes;
    std::vector<unsigned long long> counts(cells);
    if (virNodeGetFreePages(connection, 1, &size_kib, 0, cells, counts.data(), 0) < 0) {
        return failed_call("the host's free pages cannot be counted");
    }
    uint64_t sum = 0;
    for (const unsigned long long count : counts) {
        sum += count;
    }
    return sum;
}

}  // namespace vmferry::libvirt
