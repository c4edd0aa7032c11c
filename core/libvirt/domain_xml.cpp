#include "core/libvirt/domain_xml.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "core/libvirt/device_xml.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

using xml::Element;

uint64_t natural(const std::string& text)
{
    uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// libvirt's units: KiB when none is given; "k" and "KiB" are binary, "KB" is decimal.
uint64_t bytes_of(const std::string& number, const std::string& unit)
{
    static constexpr std::array<std::pair<const char*, uint64_t>, 18> k_units{{
        {"", 1024ULL},
        {"b", 1ULL},
        {"bytes", 1ULL},
        {"byte", 1ULL},
        {"k", 1ULL << 10},
        {"KiB", 1ULL << 10},
        {"KB", 1000ULL},
        {"M", 1ULL << 20},
        {"MiB", 1ULL << 20},
        {"MB", 1000000ULL},
        {"G", 1ULL << 30},
        {"GiB", 1ULL << 30},
        {"GB", 1000000000ULL},
        {"T", 1ULL << 40},
        {"TiB", 1ULL << 40},
        {"TB", 1000000000000ULL},
        {"P", 1ULL << 50},
        {"PiB", 1ULL << 50},
    }};
    for (const auto& [name, factor] : k_units) {
        if (unit == name) {
            return natural(number) * factor;
        }
    }
    return 0;
}

uint64_t hugepage_size(const Element& backing)
{
    const Element hugepages = backing.child("hugepages");
    if (!hugepages) {
        return 0;
    }
    const Element page = hugepages.child("page");
    constexpr uint64_t k_default = 2ULL << 20;
    return page ? bytes_of(page.attribute("size"), page.attribute("unit")) : k_default;
}

/// libvirt refuses to migrate an invariant TSC unless its frequency is fixed, too.
bool has_unfixed_invtsc(const xml::Document& document)
{
    const bool wanted = !document
                             .find("/domain/cpu/feature[@name='invtsc'][@policy='require' or @policy='force' or "
                                   "not(@policy)]")
                             .empty();
    return wanted && document.find("/domain/clock/timer[@name='tsc'][@frequency]").empty();
}

void read_firmware(const xml::Document& document, model::DomainFacts& facts)
{
    const Element os = document.root().child("os");
    facts.loader = os.child("loader").text();
    const Element nvram = os.child("nvram");
    const std::string file = nvram.child("source").attribute("file");
    facts.nvram = file.empty() ? nvram.text() : file;
    facts.nvram_template = nvram.attribute("template");
}

}  // namespace

Result<model::DomainFacts> read_domain(const std::string& definition)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    const Element root = document.root();
    if (root.name() != "domain") {
        return fail(ErrorKind::failed, "the XML is not the definition of a domain");
    }
    model::DomainFacts facts;
    VMF_TRY_ASSIGN(facts.uuid, Uuid::parse(root.child("uuid").text()));
    facts.name = root.child("name").text();
    if (facts.name.empty()) {
        return fail(ErrorKind::failed, "the definition of " + facts.uuid.str() + " has no name");
    }
    const Element type = root.child("os").child("type");
    const Element cpu = root.child("cpu");
    const Element memory = root.child("memory");
    facts.virt_type = root.attribute("type");
    facts.arch = type.attribute("arch");
    facts.machine = type.attribute("machine");
    facts.emulator = document.text("/domain/devices/emulator");
    facts.cpu_xml = cpu.dump();
    facts.cpu_mode = cpu.attribute("mode");
    facts.memory_bytes = bytes_of(memory.text(), memory.attribute("unit"));
    facts.hugepage_size_bytes = hugepage_size(root.child("memoryBacking"));
    facts.vcpus = static_cast<unsigned>(natural(root.child("vcpu").text()));
    read_firmware(document, facts);
    facts.launch_security = static_cast<bool>(root.child("launchSecurity"));
    facts.invtsc = has_unfixed_invtsc(document);
    facts.numa_pinned =
        root.child("numatune") || root.child("cputune").child("vcpupin") || root.child("cputune").child("emulatorpin");
    for (const Element& disk : document.elements("/domain/devices/disk")) {
        facts.disks.push_back(read_disk(disk));
    }
    for (const Element& interface : document.elements("/domain/devices/interface")) {
        facts.nics.push_back(read_nic(interface));
    }
    facts.devices = read_devices(document);
    facts.fixed_ports = read_fixed_ports(document);
    return facts;
}

Result<std::string> cpu_of(const std::string& definition)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    return document.root().child("cpu").dump();
}

Result<std::vector<std::string>> macs_of(const std::string& definition)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    std::vector<std::string> macs;
    for (const Element& interface : document.elements("/domain/devices/interface")) {
        if (std::string mac = read_nic(interface).mac; !mac.empty()) {
            macs.push_back(std::move(mac));
        }
    }
    return macs;
}

}  // namespace vmferry::libvirt
