// Result<T>: a value or an Error. What touches the world returns one; pass errors upward with
// VMF_TRY and VMF_TRY_ASSIGN.

#pragma once

#include <tl/expected.hpp>

#include <utility>

#include "core/base/error.hpp"

namespace vmferry {

template <typename T = void>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorKind::failed, "...")`: an Error as the result of any function.
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) { return tl::make_unexpected(std::move(error)); }
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string what)
{
    return tl::make_unexpected(Error(kind, std::move(what)));
}

}  // namespace vmferry

#define VMF_CONCAT_(a, b) a##b
#define VMF_CONCAT(a, b) VMF_CONCAT_(a, b)

/// Evaluates `expr` (a Result); returns its error from the enclosing function, or goes on.
#define VMF_TRY(expr)                                                                                                  \
    do {                                                                                                               \
        auto vmf_result_ = (expr);                                                                                     \
        if (!vmf_result_) {                                                                                            \
            return ::vmferry::fail(std::move(vmf_result_).error());                                                    \
        }                                                                                                              \
    } while (false)

/// `VMF_TRY_ASSIGN(auto value, function());` declares or assigns the value, or returns the error.
#define VMF_TRY_ASSIGN(left, expr) VMF_TRY_ASSIGN_(VMF_CONCAT(vmf_result_, __LINE__), left, expr)
#define VMF_TRY_ASSIGN_(name, left, expr)                                                                              \
    auto name = (expr);                                                                                                \
    if (!name) {                                                                                                       \
        return ::vmferry::fail(std::move(name).error());                                                               \
    }                                                                                                                  \
    left = std::move(name).value()
