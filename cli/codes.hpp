// What the codes of errors mean: VMF-E..., and those of phases. The codes of checks (VMF-C, H, M, N, P, S, T)
// are explained where the checks are: core/checks.

#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace vmferry::cli {

struct Code {
    std::string_view id;       ///< "VMF-E066".
    std::string_view title;    ///< One line.
    std::string_view meaning;  ///< What it says of the VM.
    std::string_view cause;    ///< What leads to it.
    std::string_view remedy;   ///< What to do.
};

/// Ordered by id.
[[nodiscard]] std::span<const Code> error_codes();

}  // namespace vmferry::cli
