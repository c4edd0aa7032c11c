#include "core/base/error.hpp"

namespace vmferry {

std::string_view to_string(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::failed: return "failed";
    case ErrorKind::unknown: return "unknown";
    case ErrorKind::not_found: return "not-found";
    case ErrorKind::unknown_host: return "unknown-host";
    case ErrorKind::unreachable: return "unreachable";
    case ErrorKind::denied: return "denied";
    case ErrorKind::busy: return "busy";
    case ErrorKind::usage: return "usage";
    case ErrorKind::bad_plan: return "bad-plan";
    case ErrorKind::config: return "config";
    case ErrorKind::journal: return "journal";
    case ErrorKind::blocked: return "blocked";
    case ErrorKind::interrupted: return "interrupted";
    case ErrorKind::internal: return "internal";
    }
    return "internal";
}

std::string Error::text() const
{
    std::string out = m_what;
    if (!m_frames.empty()) {
        out += " (";
        for (size_t i = 0; i < m_frames.size(); ++i) {
            if (i != 0) {
                out += "; ";
            }
            out += m_frames[i];
        }
        out += ")";
    }
    if (!m_cause.empty()) {
        out += ": " + m_cause;
    }
    return out;
}

}  // namespace vmferry
