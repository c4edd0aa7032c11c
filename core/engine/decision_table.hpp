// Recovery tables: rows of sets over enumerations, of which exactly one applies.

#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "core/base/assert.hpp"

namespace vmferry::engine {

/// The values as a set of bits.
template <typename... Values>
constexpr unsigned set(Values... values)
{
    return ((1U << static_cast<unsigned>(values)) | ...);
}

template <typename Value>
constexpr bool in(unsigned bits, Value value)
{
    return ((bits >> static_cast<unsigned>(value)) & 1U) != 0;
}

/// The first row that applies; there must be one.
template <typename Row, size_t count, typename Applies>
const Row& row_for(const Row (&rows)[count], Applies applies)
{
    const Row* const found = std::find_if(std::begin(rows), std::end(rows), applies);
    VMF_ASSERT(found != std::end(rows));
    return *found;
}

}  // namespace vmferry::engine
