#include "core/model/host.hpp"

namespace vmferry::model {

Json to_json(const HostFacts& facts)
{
    return Json{{"label", facts.label},
                {"hostname", facts.hostname},
                {"host_uuid", facts.host_uuid},
                {"arch", facts.arch},
                {"libvirt_version", facts.libvirt_version},
                {"hypervisor_version", facts.hypervisor_version},
                {"memory_total_bytes", facts.memory_total_bytes},
                {"memory_available_bytes", facts.memory_available_bytes},
                {"security_model", facts.security_model}};
}

}  // namespace vmferry::model
