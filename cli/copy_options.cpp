#include "cli/copy_options.hpp"

#include <fmt/format.h>

namespace vmferry::cli {

void CopyOptions::declare(OptionSet& options)
{
    options.flag("--copy-storage", m_copy, "copy the disks that the hosts are proved not to share");
    options.each(
        "--map-storage", "A=B", [this](const std::string& word) { return take_mapping(word); },
        "with --copy-storage: what lies in datastore A of the source goes to B of the target; may be repeated");
    options.flag("--keep-source", m_keep_source, "with --copy-storage: leave the source's images where they are");
    options.flag("--sync-writes", m_synchronous, "with --copy-storage: writes of the guest wait for the copy");
}

Result<> CopyOptions::take_mapping(const std::string& word)
{
    const size_t equal = word.find('=');
    if (equal == std::string::npos || equal == 0 || equal + 1 == word.size()) {
        return fail(ErrorKind::usage,
                    fmt::format("'{}' is not A=B: a datastore of the source and one of the target", word));
    }
    m_map.emplace_back(word.substr(0, equal), word.substr(equal + 1));
    return {};
}

bool CopyOptions::any() const { return m_copy || !m_map.empty() || m_keep_source || m_synchronous; }

Result<std::optional<phases::CopyRequest>> CopyOptions::request(const engine::MoveRequest& move) const
{
    if (!m_copy) {
        return !any() ? Result<std::optional<phases::CopyRequest>>(std::nullopt)
                      : fail(Error(ErrorKind::usage, "--map-storage, --keep-source and --sync-writes say how disks are "
                                                     "copied, and none is without --copy-storage")
                                 .with_next("vmferry migrate --help"));
    }
    // Who started the target, and when, decides which images are the newest: only the guarded switch knows it always.
    if (move.switch_mode != model::SwitchMode::guarded) {
        return fail(Error(ErrorKind::usage, "--copy-storage needs the guarded switch: only there it is known which "
                                            "images the guest has written to")
                        .with_next("leave out --switch and --p2p"));
    }
    if (move.schedule.may_postcopy()) {
        return fail(Error(ErrorKind::usage, "disks cannot be copied in a move that may go on by post-copy: after the "
                                            "switch the guest would need the rest of them, too")
                        .with_next("leave out post-copy or --copy-storage"));
    }
    phases::CopyRequest request;
    request.map = m_map;
    request.keep_source = m_keep_source;
    request.synchronous = m_synchronous;
    return std::optional(std::move(request));
}

}  // namespace vmferry::cli
