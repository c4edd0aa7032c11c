#include "core/libvirt/hypervisor.hpp"

#include "core/libvirt/driver.hpp"
#include "core/libvirt/host.hpp"

namespace vmferry::libvirt {

namespace {

class LibvirtHypervisor : public world::Hypervisor {
public:
    [[nodiscard]] Result<std::unique_ptr<world::Host>> open(const model::HostAddress& address,
                                                            Milliseconds limit) override
    {
        VMF_TRY_ASSIGN(auto connection, Connection::open(address.uri, address.label, limit));
        return std::unique_ptr<world::Host>(std::make_unique<LibvirtHost>(address, std::move(connection)));
    }

    [[nodiscard]] Result<std::unique_ptr<Driver>> prepare(world::Host& source, world::Host& target, world::Route route,
                                                          Milliseconds limit) override
    {
        const auto* from = dynamic_cast<LibvirtHost*>(&source);
        const auto* to = dynamic_cast<LibvirtHost*>(&target);
        if (from == nullptr || to == nullptr) {
            return fail(ErrorKind::internal, "a host of another hypervisor");
        }
        VMF_TRY_ASSIGN(auto line, Line::open(from->connection(), to->connection(), route, limit));
        return std::unique_ptr<Driver>(std::make_unique<LibvirtDriver>(std::move(line)));
    }
};

}  // namespace

std::unique_ptr<world::Hypervisor> make_libvirt_hypervisor() { return std::make_unique<LibvirtHypervisor>(); }

}  // namespace vmferry::libvirt

vmferry::world::Hypervisor* vmferry_make_hypervisor() { return vmferry::libvirt::make_libvirt_hypervisor().release(); }
