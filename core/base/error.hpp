// What went wrong, in words for people and in a kind for callers.
//
// An Error is a value. It is made where the world said no, gets a frame of context on each way up
// (`what we were doing, to which host, to which VM`) and is printed in one place, cli/report.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmferry {

/// A kind exists only because some caller branches on it.
enum class ErrorKind {
    failed,        ///< The act was refused or failed; its effect did not happen.
    unknown,       ///< The act may or may not have happened: no answer. Observe both sides, never guess.
    not_found,     ///< The named VM, disk, pool or transaction does not exist.
    unknown_host,  ///< A host name or alias cannot be resolved to an end-point.
    unreachable,   ///< A host does not answer, or the connection to it is gone.
    denied,        ///< The host answered and refused us (polkit, ACL, authentication).
    busy,          ///< A lock is held, or another job works on the VM: later it may go.
    usage,         ///< Malformed input: option, URI, name.
    bad_plan,      ///< A plan is stale, expired, unreadable or badly signed.
    config,        ///< The configuration is wrong.
    journal,       ///< The journal cannot be read, or not be written durably.
    blocked,       ///< A precheck refused.
    interrupted,   ///< The operator asked us to stop (INT, TERM, a time limit).
    internal,      ///< A bug of ours.
};

[[nodiscard]] std::string_view to_string(ErrorKind kind);

/// An error with its story. Copyable; safe to journal (no secrets: see base/secret.hpp).
class [[nodiscard]] Error {
public:
    Error(ErrorKind kind, std::string what) : m_kind(kind), m_what(std::move(what)) {}

    /// Stable id such as "VMF-E012" that `vmferry explain` knows. Empty when the kind says it all.
    Error&& with_id(std::string id) &&
    {
        m_id = std::move(id);
        return std::move(*this);
    }
    /// The library's own words, e.g. "libvirt error 38: ...". Shown under `cause`, never alone.
    Error&& with_cause(std::string cause) &&
    {
        m_cause = std::move(cause);
        return std::move(*this);
    }
    /// What to type next. One command line, or one sentence.
    Error&& with_next(std::string next) &&
    {
        m_next = std::move(next);
        return std::move(*this);
    }
    /// Adds a frame: "while resuming web1 on kvm2".
    Error&& in(std::string frame) &&
    {
        m_frames.push_back(std::move(frame));
        return std::move(*this);
    }

    [[nodiscard]] ErrorKind kind() const { return m_kind; }
    [[nodiscard]] const std::string& what() const { return m_what; }
    [[nodiscard]] const std::string& id() const { return m_id; }
    [[nodiscard]] const std::string& cause() const { return m_cause; }
    [[nodiscard]] const std::string& next() const { return m_next; }
    [[nodiscard]] const std::vector<std::string>& frames() const { return m_frames; }

    /// "what (frame; frame): cause", for logs and journal.
    [[nodiscard]] std::string text() const;

private:
    ErrorKind m_kind;
    std::string m_id;
    std::string m_what;
    std::string m_cause;
    std::string m_next;
    std::vector<std::string> m_frames;
};

}  // namespace vmferry
