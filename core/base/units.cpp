#include "core/base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace vmferry {

namespace {

struct Unit {
    std::string_view name;
    double factor;
};

constexpr double k_kib = 1024.0;
constexpr std::array<Unit, 15> k_sizes{{{"B", 1},
                                        {"K", k_kib},
                                        {"KB", k_kib},
                                        {"KiB", k_kib},
                                        {"M", k_kib* k_kib},
                                        {"MB", k_kib* k_kib},
                                        {"MiB", k_kib* k_kib},
                                        {"G", k_kib* k_kib* k_kib},
                                        {"GB", k_kib* k_kib* k_kib},
                                        {"GiB", k_kib* k_kib* k_kib},
                                        {"T", k_kib* k_kib* k_kib* k_kib},
                                        {"TB", k_kib* k_kib* k_kib* k_kib},
                                        {"TiB", k_kib* k_kib* k_kib* k_kib},
                                        {"P", k_kib* k_kib* k_kib* k_kib* k_kib},
                                        {"PiB", k_kib* k_kib* k_kib* k_kib* k_kib}}};
constexpr std::array<Unit, 4> k_bits{{{"bit", 1.0 / 8}, {"Kbit", 1e3 / 8}, {"Mbit", 1e6 / 8}, {"Gbit", 1e9 / 8}}};
constexpr std::array<Unit, 5> k_times{{{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}}};

/// Splits "12.5MiB..." into the number, its unit and what follows.
struct Quantity {
    double number;
    std::string_view unit;
    std::string_view rest;
};

std::optional<Quantity> next_quantity(std::string_view text)
{
    // from_chars() would take "inf" and "nan", too.
    if (text.empty() || text.find_first_of("0123456789.") != 0) {
        return std::nullopt;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const size_t unit_end = std::min(text.find_first_of("0123456789."), text.size());
    return Quantity{number, text.substr(0, unit_end), text.substr(unit_end)};
}

template <size_t N>
std::optional<double> factor_of(const std::array<Unit, N>& units, std::string_view name)
{
    const auto* found = std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
    return found == units.end() ? std::nullopt : std::optional(found->factor);
}

Result<uint64_t> to_count(double value, std::string_view text)
{
    if (value >= static_cast<double>(std::numeric_limits<int64_t>::max())) {
        return fail(ErrorKind::usage, fmt::format("'{}' is too large", text));
    }
    return static_cast<uint64_t>(std::llround(value));
}

}  // namespace

Result<Milliseconds> parse_duration(std::string_view text)
{
    double total = 0;
    std::string_view rest = text;
    do {
        const auto quantity = next_quantity(rest);
        const auto factor = quantity ? factor_of(k_times, quantity->unit) : std::nullopt;
        if (!factor) {
            return fail(
                ErrorKind::usage,
                fmt::format("'{}' is not a duration: write a number and ms, s, m, h or d, e.g. 300ms or 1h30m", text));
        }
        total += quantity->number * *factor;
        rest = quantity->rest;
    } while (!rest.empty());
    VMF_TRY_ASSIGN(const uint64_t count, to_count(total, text));
    return Milliseconds(static_cast<int64_t>(count));
}

Result<uint64_t> parse_size(std::string_view text)
{
    const auto quantity = next_quantity(text);
    const auto factor = quantity && quantity->rest.empty() ? factor_of(k_sizes, quantity->unit) : std::nullopt;
    if (!factor) {
        return fail(ErrorKind::usage,
                    fmt::format("'{}' is not a size: write a number and B, KiB, MiB, GiB or TiB, e.g. 100MiB", text));
    }
    return to_count(quantity->number * *factor, text);
}

Result<uint64_t> parse_rate(std::string_view text)
{
    std::string_view amount = text;
    if (amount.size() > 2 && amount.substr(amount.size() - 2) == "/s") {
        amount.remove_suffix(2);
    }
    const auto quantity = next_quantity(amount);
    if (quantity && quantity->rest.empty()) {
        if (const auto factor = factor_of(k_bits, quantity->unit)) {
            return to_count(quantity->number * *factor, text);
        }
        if (const auto factor = factor_of(k_sizes, quantity->unit)) {
            return to_count(quantity->number * *factor, text);
        }
    }
    return fail(ErrorKind::usage,
                fmt::format("'{}' is not a rate: write a number and MiB, GiB, Mbit or Gbit, e.g. 1Gbit", text));
}

std::string format_duration(Milliseconds duration)
{
    const int64_t ms = duration.count();
    if (ms < 1000) {
        return fmt::format("{} ms", ms);
    }
    if (ms < 60000) {
        return fmt::format("{}.{} s", ms / 1000, ms % 1000 / 100);
    }
    const int64_t seconds = ms / 1000;
    if (seconds < 3600) {
        return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
    }
    return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
}

std::string format_size(uint64_t bytes)
{
    static constexpr std::array<std::string_view, 6> k_names{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto value = static_cast<double>(bytes);
    size_t unit = 0;
    // What would be shown as 1024.0 is one of the next unit.
    constexpr double k_rounds_up = k_kib - 0.05;
    while (value >= (unit == 0 ? k_kib : k_rounds_up) && unit + 1 < k_names.size()) {
        value /= k_kib;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, k_names[unit]);
}

}  // namespace vmferry
