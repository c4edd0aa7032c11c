#include "core/libvirt/hypervisor.hpp"

#include "core/libvirt/driver.hpp"
#include "core/libvirt/host.hpp"
#include "core/libvirt/limits.hpp"
#include "core/relay/connect.hpp"

namespace vmferry::libvirt {

namespace {

/// libvirt's client says of every certificate only that it is bad. A handshake of our own tells which one
/// and why. `error` as it is where that tells nothing.
Error explain_tls(const model::HostAddress& address, Error error)
{
    const bool may_be_tls = error.kind() == ErrorKind::denied || error.kind() == ErrorKind::unreachable;
    const auto endpoint = relay::endpoint_of(address.uri);
    if (!may_be_tls || !endpoint || !std::holds_alternative<relay::TlsEndpoint>(endpoint->transport)) {
        return error;
    }
    const auto connection = relay::connect_to(*endpoint, limits::k_question);
    if (connection) {
        return error;
    }
    const Error& why = connection.error();
    return Error(why.kind(), "no TLS connection to host " + address.label + ": " + why.what())
        .with_cause(why.cause().empty() ? error.cause() : why.cause())
        .with_next(why.next().empty() ? error.next() : why.next());
}

class LibvirtHypervisor : public world::Hypervisor {
public:
    [[nodiscard]] Result<std::unique_ptr<world::Host>> open(const model::HostAddress& address,
                                                            Milliseconds limit) override
    {
        auto connection = Connection::open(address.uri, address.label, limit);
        if (!connection) {
            return fail(explain_tls(address, std::move(connection).error()));
        }
        return std::unique_ptr<world::Host>(std::make_unique<LibvirtHost>(address, std::move(*connection)));
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
