// libvirt's last error, and what it means for a caller of ours.
//
// - libvirt keeps one error for each thread and the next call replaces it: it is read at once, in
//   the thread of the call.
// - An act whose answer was lost is `unknown`, never `failed`: the daemon may have done it.

#pragma once

#include <string>

#include "core/base/result.hpp"

namespace vmferry::libvirt {

/// A copy of virError, as far as decisions look at it.
struct Failure {
    int code = 0;         ///< virErrorNumber.
    int domain = 0;       ///< virErrorDomain: which part of libvirt speaks.
    int errno_value = 0;  ///< Of a system error; else 0.
    std::string message;

    /// Of this thread, for the call that has just failed.
    [[nodiscard]] static Failure last();

    /// No answer came: the connection broke or was given up while the call was under way.
    [[nodiscard]] bool answer_lost() const;
    /// The object that was named does not exist (domain, pool, volume, network, device, ...).
    [[nodiscard]] bool not_found() const;
    [[nodiscard]] bool has_code(int wanted) const { return code == wanted; }
    [[nodiscard]] bool says(const char* part) const { return message.find(part) != std::string::npos; }
    /// "libvirt error 38: ..."; passwords in URIs are masked.
    [[nodiscard]] std::string cause() const;
};

/// What a failed call means: `not_found`, `denied`, `busy`, `unknown` (answer lost) or `failed`.
/// `what` is our sentence, libvirt's words become the cause.
[[nodiscard]] Error error_of(const Failure& failure, std::string what);
/// error_of() for the call of this thread that has just failed.
[[nodiscard]] inline tl::unexpected<Error> failed_call(std::string what)
{
    return fail(error_of(Failure::last(), std::move(what)));
}

/// What to type to see whether libvirt itself reaches the host.
[[nodiscard]] std::string try_by_hand(const std::string& uri);

/// What a failed open means: `usage`, `unknown_host`, `unreachable` or `denied`.
[[nodiscard]] Error open_error_of(const Failure& failure, const std::string& uri, const std::string& label);

/// A question changes nothing, so a lost answer means no more than "no answer": `unknown` becomes
/// `unreachable`.
[[nodiscard]] Error as_question(Error error);

}  // namespace vmferry::libvirt
