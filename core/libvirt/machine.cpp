#include "core/libvirt/machine.hpp"

#include <libvirt/virterror.h>

#include <charconv>

#include "core/libvirt/failure.hpp"
#include "core/libvirt/handles.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

using Cpu = world::Capabilities::CpuVerdict;
using Machine = world::Capabilities::MachineVerdict;

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

unsigned natural(const std::string& text)
{
    unsigned value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool knows_loader(const xml::Document& capabilities, const std::string& loader)
{
    for (const xml::Element& value : capabilities.elements("/domainCapabilities/os/loader/value")) {
        if (value.text() == loader) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<Cpu> compare_cpu_now(virConnectPtr connection, const model::DomainFacts& domain)
{
    if (domain.cpu_xml.empty()) {
        return Cpu{true, "the hypervisor's default model"};
    }
    const bool passed_through = is_passed_through(domain.cpu_mode);
    if (passed_through && domain.virt_type == "qemu") {
        return Cpu{true, "emulated: it depends on the emulator alone"};
    }
    const int answer =
        passed_through
            ? virConnectCompareCPU(connection, domain.cpu_xml.c_str(), VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE)
            : virConnectCompareHypervisorCPU(connection, or_null(domain.emulator), or_null(domain.arch),
                                             or_null(domain.machine), or_null(domain.virt_type), domain.cpu_xml.c_str(),
                                             VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE);
    switch (answer) {
    case VIR_CPU_COMPARE_IDENTICAL: return Cpu{true, "identical"};
    case VIR_CPU_COMPARE_SUPERSET: return Cpu{true, "a superset"};
    case VIR_CPU_COMPARE_INCOMPATIBLE: return Cpu{false, "features are missing"};
    default: break;
    }
    const Failure failure = Failure::last();
    // A model that the host has never heard of is an internal error to libvirt.
    if (failure.has_code(VIR_ERR_CPU_INCOMPATIBLE) || failure.says("Unknown CPU model")) {
        return Cpu{false, failure.message};
    }
    return fail(error_of(failure, "the processor cannot be compared"));
}

bool is_passed_through(const std::string& cpu_mode) { return cpu_mode == "host-passthrough" || cpu_mode == "maximum"; }

Result<Machine> supports_machine_now(virConnectPtr connection, const model::DomainFacts& domain)
{
    char* text = virConnectGetDomainCapabilities(connection, or_null(domain.emulator), or_null(domain.arch),
                                                 or_null(domain.machine), or_null(domain.virt_type), 0);
    if (text == nullptr) {
        const Failure failure = Failure::last();
        Error error = error_of(failure, "the machine cannot be compared");
        if (error.kind() != ErrorKind::failed) {
            return fail(std::move(error));
        }
        // Which of the two is missing is told by asking without the machine.
        char* without = virConnectGetDomainCapabilities(connection, or_null(domain.emulator), or_null(domain.arch),
                                                        nullptr, or_null(domain.virt_type), 0);
        Machine verdict;
        verdict.emulator = !take_string(without).empty();
        verdict.firmware = domain.loader.empty();
        verdict.detail = failure.message;
        return verdict;
    }
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(take_string(text)));
    Machine verdict;
    verdict.emulator = true;
    verdict.machine = true;
    verdict.vcpus_max = natural(document.root().child("vcpu").attribute("max"));
    verdict.firmware = domain.loader.empty() || knows_loader(document, domain.loader);
    if (!verdict.firmware) {
        verdict.detail = "the firmware " + domain.loader + " is not among those that the host offers";
    }
    return verdict;
}

}  // namespace vmferry::libvirt
