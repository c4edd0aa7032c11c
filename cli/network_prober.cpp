#include "cli/network_prober.hpp"

#include "core/network/probe.hpp"

namespace vmferry::cli {

Result<bool> NetworkProber::answers(const std::string& address, const std::vector<std::string>& macs,
                                    Milliseconds limit)
{
    VMF_TRY_ASSIGN(const network::IpAddress parsed, network::parse_ip(address));
    std::vector<network::MacAddress> known;
    for (const std::string& mac : macs) {
        VMF_TRY_ASSIGN(known.emplace_back(), network::MacAddress::parse(mac));
    }
    VMF_TRY_ASSIGN(const auto answer, network::probe(parsed, known, limit));
    return answer.has_value();
}

}  // namespace vmferry::cli
