#include "core/libvirt/copy_job.hpp"

#include <libvirt/virterror.h>

#include "core/libvirt/domain.hpp"
#include "core/libvirt/failure.hpp"
#include "core/libvirt/image_xml.hpp"

namespace vmferry::libvirt {

Result<std::vector<world::DiskState>> disk_states_now(virDomainPtr domain)
{
    VMF_TRY_ASSIGN(const unsigned there, existing_definitions(domain));
    std::string live;
    std::string inactive;
    if ((there & VIR_DOMAIN_AFFECT_LIVE) != 0) {
        VMF_TRY_ASSIGN(live, definition_of(domain, 0));
    }
    if ((there & VIR_DOMAIN_AFFECT_CONFIG) != 0) {
        VMF_TRY_ASSIGN(inactive, definition_of(domain, VIR_DOMAIN_XML_INACTIVE));
    }
    return read_disk_states(live, inactive);
}

Result<world::DiskSize> disk_size_now(virDomainPtr domain, const std::string& target)
{
    virDomainBlockInfo info{};
    if (virDomainGetBlockInfo(domain, target.c_str(), &info, 0) < 0) {
        return failed_call("the size of disk " + target + " cannot be read");
    }
    return world::DiskSize{info.capacity, info.allocation};
}

Result<> start_copy_now(virDomainPtr domain, const world::CopyOrder& order)
{
    // TRANSIENT_JOB: allowed on a persistent domain, and ended with its instance. REUSE_EXT: the image is ours.
    unsigned flags = VIR_DOMAIN_BLOCK_COPY_REUSE_EXT | VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB;
    if (order.shallow) {
        flags |= VIR_DOMAIN_BLOCK_COPY_SHALLOW;
    }
    if (order.synchronous) {
        flags |= VIR_DOMAIN_BLOCK_COPY_SYNCHRONOUS_WRITES;
    }
    TypedParameters parameters;
    if (order.bandwidth_bytes_per_s > 0 &&
        !parameters.add(VIR_DOMAIN_BLOCK_COPY_BANDWIDTH, order.bandwidth_bytes_per_s)) {
        return fail(ErrorKind::failed, "no memory");
    }
    const std::string destination = copy_xml(order.path, order.format);
    if (virDomainBlockCopy(domain, order.target.c_str(), destination.c_str(), parameters.data(),
                           static_cast<int>(parameters.count()), flags) < 0) {
        return failed_call("disk " + order.target + " cannot be copied to " + order.path);
    }
    return {};
}

Result<world::CopyProgress> copy_progress_now(virDomainPtr domain, const std::string& target)
{
    virDomainBlockJobInfo info{};
    const int answer =
        virDomainGetBlockJobInfo(domain, target.c_str(), &info, VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES);
    if (answer < 0) {
        return failed_call("the block job of disk " + target + " cannot be read");
    }
    if (answer == 0) {
        return fail(ErrorKind::not_found, "disk " + target + " is not being copied");
    }
    return world::CopyProgress{.target = target, .done_bytes = info.cur, .total_bytes = info.end};
}

Result<> unlimit_copy_now(virDomainPtr domain, const std::string& target)
{
    if (virDomainBlockJobSetSpeed(domain, target.c_str(), 0, 0) < 0) {
        return failed_call("the copy of disk " + target + " cannot be hurried");
    }
    return {};
}

Result<> pivot_now(virDomainPtr domain, const std::string& target)
{
    // ASYNC: several disks change side by side; the daemon deals with the ends as they come.
    constexpr unsigned flags = VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT | VIR_DOMAIN_BLOCK_JOB_ABORT_ASYNC;
    if (virDomainBlockJobAbort(domain, target.c_str(), flags) < 0) {
        return failed_call("disk " + target + " could not change to its copy");
    }
    return {};
}

Result<> end_copy_now(virDomainPtr domain, const std::string& target)
{
    VMF_TRY_ASSIGN(const bool active, is_active(domain));
    if (!active) {
        return {};
    }
    const auto progress = copy_progress_now(domain, target);
    if (!progress && progress.error().kind() == ErrorKind::not_found) {
        return {};
    }
    if (virDomainBlockJobAbort(domain, target.c_str(), 0) == 0) {
        return {};
    }
    const Failure failure = Failure::last();
    // It may just have ended by itself.
    const auto now = copy_progress_now(domain, target);
    if (!now && now.error().kind() == ErrorKind::not_found) {
        return {};
    }
    return fail(error_of(failure, "the copy of disk " + target + " could not be ended"));
}

Result<> set_inactive_now(virDomainPtr domain, const std::string& target, const std::string& path,
                          const std::string& format)
{
    // With its secrets, or they would be gone afterwards.
    VMF_TRY_ASSIGN(const std::string before, definition_of(domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE));
    VMF_TRY_ASSIGN(const std::optional<std::string> after, with_image(before, target, path, format));
    if (!after) {
        return {};
    }
    const DomainHandle defined(virDomainDefineXMLFlags(virDomainGetConnect(domain), after->c_str(), 0));
    if (!defined) {
        return failed_call("the definition could not be rewritten for disk " + target);
    }
    return {};
}

}  // namespace vmferry::libvirt
