#include "core/checks/block_identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace vmferry::checks {

namespace {

constexpr size_t k_identity_characters_min = 8;
/// What tgt, QEMU and VirtualBox call the first, second, ... disk of each of their servers alike.
constexpr std::array<std::string_view, 7> k_default_serials{"iet0",       "beaf1",     "60000000000000000e", "qm0000",
                                                            "drive-scsi", "drive-ide", "vboxharddisk"};

/// Letters and digits in lower case: spaces and dashes tell nothing.
std::string plain(std::string_view identity)
{
    std::string result;
    for (const char letter : identity) {
        if (std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-') {
            result += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        }
    }
    return result;
}

}  // namespace

bool is_weak_identity(std::string_view identity)
{
    const std::string text = plain(identity);
    const bool is_default =
        std::any_of(k_default_serials.begin(), k_default_serials.end(),
                    [&](std::string_view serial) { return text.find(serial) != std::string::npos; });
    return is_default || text.size() < k_identity_characters_min ||
           std::all_of(text.begin(), text.end(), [&](char letter) { return letter == text.front(); });
}

BlockComparison compare_block_device(CheckContext& context, const std::string& path)
{
    std::array<std::string, 2> identities;
    const std::array hosts{&context.source, &context.target};
    const std::array facts{&context.source_facts, &context.target_facts};
    for (size_t i = 0; i < hosts.size(); ++i) {
        auto identity = hosts[i]->datastore().block_identity(path);
        if (!identity) {
            const bool absent = identity.error().kind() == ErrorKind::not_found;
            return {false,
                    {},
                    fmt::format("{} {}", facts[i]->label, absent ? "has no such device" : "could not tell"),
                    absent ? std::nullopt : std::optional(identity.error())};
        }
        if (identity->empty()) {
            return {false, {}, fmt::format("{} knows no WWN or serial of it", facts[i]->label), {}};
        }
        identities[i] = *identity;
    }
    if (identities[0] != identities[1]) {
        return {
            false,
            {},
            fmt::format("it is {} on {} and {} on {}", identities[0], facts[0]->label, identities[1], facts[1]->label),
            {}};
    }
    if (is_weak_identity(identities[0])) {
        return {false, {}, fmt::format("'{}' is not a unique identity", identities[0]), {}};
    }
    return {true, identities[0], {}, {}};
}

}  // namespace vmferry::checks
