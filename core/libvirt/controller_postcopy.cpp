// The acts of post-copy: the switch to it, and the break of a stream that stands still.

#include "core/libvirt/controller.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/failure.hpp"
#include "core/libvirt/limits.hpp"

namespace vmferry::libvirt {

namespace {

Result<> act_on(Connection& connection, const std::string& doing, const Uuid& uuid, Result<> (*work)(virDomainPtr))
{
    return connection.act(limits::k_act, doing + " " + uuid.str(), [uuid, work](virConnectPtr raw) -> Result<> {
        VMF_TRY_ASSIGN(const DomainHandle domain, look_up(raw, uuid));
        return work(domain.get());
    });
}

}  // namespace

Result<> LibvirtController::start_postcopy(const Uuid& uuid)
{
    return act_on(*m_connection, "switching to post-copy:", uuid, [](virDomainPtr domain) -> Result<> {
        if (virDomainMigrateStartPostCopy(domain, 0) < 0) {
            return failed_call("the move could not be switched to post-copy");
        }
        return {};
    });
}

Result<> LibvirtController::break_postcopy(const Uuid& uuid)
{
    return act_on(*m_connection, "breaking the post-copy of", uuid, [](virDomainPtr domain) -> Result<> {
        if (virDomainAbortJobFlags(domain, VIR_DOMAIN_ABORT_JOB_POSTCOPY) < 0) {
            return failed_call("the stream of the post-copy could not be broken");
        }
        return {};
    });
}

}  // namespace vmferry::libvirt
