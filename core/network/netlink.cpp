#include "core/network/netlink.hpp"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <system_error>

#include "core/base/handle.hpp"

namespace vmferry::network {

namespace {

constexpr size_t k_buffer_bytes = size_t{64} * 1024;
constexpr int k_answer_limit_s = 2;

Error no_answer(int error)
{
    return Error(ErrorKind::failed, "the kernel's routing interface does not answer")
        .with_cause(std::generic_category().message(error));
}

/// A request of one header structure and its attributes.
template <typename Header>
class Request {
public:
    Request(uint16_t type, uint16_t flags, const Header& header)
    {
        nlmsghdr head{};
        head.nlmsg_type = type;
        head.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
        append(&head, sizeof head);
        append(&header, sizeof header);
    }
    void attribute(uint16_t type, const void* data, size_t size)
    {
        const rtattr attribute{static_cast<uint16_t>(RTA_LENGTH(size)), type};
        append(&attribute, sizeof attribute);
        append(data, size);
    }
    [[nodiscard]] std::vector<char> bytes() const
    {
        std::vector<char> whole = m_bytes;
        const auto length = static_cast<uint32_t>(whole.size());
        std::memcpy(whole.data(), &length, sizeof length);
        return whole;
    }

private:
    void append(const void* data, size_t size)
    {
        const char* begin = static_cast<const char*>(data);
        m_bytes.insert(m_bytes.end(), begin, begin + size);
        m_bytes.resize(NLMSG_ALIGN(m_bytes.size()));
    }
    std::vector<char> m_bytes;
};

/// Sends one request and gives each answer to `take`. An errno when the kernel refuses, or 0.
Result<int> ask(const std::vector<char>& request, const std::function<void(const nlmsghdr&)>& take)
{
    const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    const timeval limit{k_answer_limit_s, 0};
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
        ::send(socket.get(), request.data(), request.size(), 0) < 0) {
        return fail(no_answer(errno));
    }
    std::vector<char> buffer(k_buffer_bytes);
    for (bool more = true; more;) {
        const ssize_t count = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (count < 0) {
            return fail(no_answer(errno));
        }
        auto left = static_cast<unsigned>(count);
        for (auto* head = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(head, left);
             head = NLMSG_NEXT(head, left)) {
            if (head->nlmsg_type == NLMSG_DONE) {
                return 0;
            }
            if (head->nlmsg_type == NLMSG_ERROR) {
                return -static_cast<nlmsgerr*>(NLMSG_DATA(head))->error;
            }
            take(*head);
            more = (head->nlmsg_flags & NLM_F_MULTI) != 0;
        }
    }
    return 0;
}

/// Calls `take(type, data, size)` for each attribute behind a header of `header_bytes`.
void each_attribute(const nlmsghdr& head, size_t header_bytes,
                    const std::function<void(int, const void*, size_t)>& take)
{
    const char* begin = reinterpret_cast<const char*>(&head) + NLMSG_SPACE(header_bytes);
    const auto* attribute = reinterpret_cast<const rtattr*>(begin);
    auto left = static_cast<int>(head.nlmsg_len - NLMSG_SPACE(header_bytes));
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        take(attribute->rta_type, RTA_DATA(attribute), RTA_PAYLOAD(attribute));
    }
}

std::string name_of(unsigned index)
{
    std::array<char, IF_NAMESIZE> name{};
    return index != 0 && ::if_indextoname(index, name.data()) != nullptr ? name.data() : "";
}

Milliseconds since(const nda_cacheinfo& cache)
{
    // The kernel tells it in ticks of clock_t.
    return Milliseconds(int64_t{cache.ndm_updated} * 1000 / std::max(1L, ::sysconf(_SC_CLK_TCK)));
}

void take_neighbour(const nlmsghdr& head, const MacAddress& mac, std::vector<LearnedPort>& into)
{
    const auto* neighbour = static_cast<const ndmsg*>(NLMSG_DATA(&head));
    constexpr unsigned k_set_by_hand = NUD_PERMANENT | NUD_NOARP;
    if (head.nlmsg_type != RTM_NEWNEIGH || (neighbour->ndm_state & k_set_by_hand) != 0) {
        return;
    }
    bool same = false;
    LearnedPort port{name_of(static_cast<unsigned>(neighbour->ndm_ifindex)), {}, {}};
    each_attribute(head, sizeof *neighbour, [&](int type, const void* data, size_t size) {
        if (type == NDA_LLADDR && size == mac.bytes.size()) {
            same = std::memcmp(data, mac.bytes.data(), size) == 0;
        } else if (type == NDA_MASTER && size == sizeof(uint32_t)) {
            port.bridge = name_of(*static_cast<const uint32_t*>(data));
        } else if (type == NDA_CACHEINFO && size >= sizeof(nda_cacheinfo)) {
            port.age = since(*static_cast<const nda_cacheinfo*>(data));
        }
    });
    const bool known =
        std::any_of(into.begin(), into.end(), [&](const auto& one) { return one.interface == port.interface; });
    if (same && !known) {
        into.push_back(std::move(port));
    }
}

}  // namespace

Result<std::vector<LearnedPort>> learned_ports(const MacAddress& mac)
{
    // The old header, which every kernel takes for a dump of the bridges' tables.
    ifinfomsg all{};
    all.ifi_family = PF_BRIDGE;
    std::vector<LearnedPort> ports;
    const Request request(RTM_GETNEIGH, NLM_F_DUMP, all);
    VMF_TRY_ASSIGN(const int error,
                   ask(request.bytes(), [&](const nlmsghdr& head) { take_neighbour(head, mac, ports); }));
    if (error != 0) {
        return fail(no_answer(error));
    }
    return ports;
}

Result<std::optional<DirectRoute>> direct_route(const Ipv4Address& to)
{
    rtmsg header{};
    header.rtm_family = AF_INET;
    header.rtm_dst_len = 32;
    Request request(RTM_GETROUTE, 0, header);
    request.attribute(RTA_DST, to.bytes.data(), to.bytes.size());
    DirectRoute route;
    bool direct = false;
    VMF_TRY_ASSIGN(const int error, ask(request.bytes(), [&](const nlmsghdr& head) {
                       direct = static_cast<const rtmsg*>(NLMSG_DATA(&head))->rtm_type == RTN_UNICAST;
                       each_attribute(head, sizeof(rtmsg), [&](int type, const void* data, size_t size) {
                           if (type == RTA_GATEWAY || type == RTA_VIA) {
                               direct = false;
                           } else if (type == RTA_OIF && size == sizeof(int)) {
                               route.interface = *static_cast<const int*>(data);
                           } else if (type == RTA_PREFSRC && size == route.own_address.bytes.size()) {
                               std::memcpy(route.own_address.bytes.data(), data, size);
                           }
                       });
                   }));
    return error == 0 && direct && route.interface != 0 ? std::optional(route) : std::nullopt;
}

}  // namespace vmferry::network
