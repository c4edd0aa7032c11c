#include "core/relay/finish_call.hpp"

#include <algorithm>

#include "core/relay/finish_gate.hpp"

namespace vmferry::relay {

namespace {

constexpr size_t k_word = 4;
/// virDomainMigrateFlags: VIR_MIGRATE_PAUSED is 1 << 5; the words of XDR are big-endian.
constexpr std::byte k_paused{1U << 5U};

}  // namespace

bool keep_paused(std::vector<std::byte>& frame)
{
    if (frame.size() < k_header_bytes + 2 * k_word) {
        return false;
    }
    const auto header = FrameHeader::decode(std::span<const std::byte, k_header_bytes>(frame.data(), k_header_bytes));
    const auto cancelled = frame.end() - k_word;
    const bool cancels = std::any_of(cancelled, frame.end(), [](std::byte one) { return one != std::byte{0}; });
    if (header.procedure != k_procedure_finish3_params || header.type != FrameType::call) {
        return false;
    }
    std::byte& low_flags = *(cancelled - 1);
    low_flags |= cancels ? std::byte{0} : k_paused;
    return true;
}

}  // namespace vmferry::relay
