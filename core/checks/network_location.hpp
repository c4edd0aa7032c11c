// Where a network disk lives: "protocol://host:port/name", as the definition says it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmferry::checks {

struct NetworkLocation {
    std::string protocol;            ///< "iscsi", "nbd+unix"; lower case.
    std::vector<std::string> hosts;  ///< Without ports and brackets; empty: none is named.
    std::string name;                ///< What follows the first slash.
};

/// Splits what it is given; a text without "://" gives an empty protocol.
[[nodiscard]] NetworkLocation parse_location(std::string_view text);

/// What a host name or address means to two different machines.
enum class Reach {
    everywhere,  ///< As far as one can tell, the same machine for both.
    loopback,    ///< Each machine itself.
    link_local,  ///< Depends on the cable: may be another machine for each.
};
[[nodiscard]] Reach reach_of(std::string_view host);

/// Why the two hosts may mean different objects by this location; empty when they mean the same.
[[nodiscard]] std::string doubt_about(std::string_view location, bool read_only);

/// True for an IPv4 or IPv6 address, also in brackets.
[[nodiscard]] bool is_numeric_address(std::string_view host);

}  // namespace vmferry::checks
