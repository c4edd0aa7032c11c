// `status --doctor`: any VM on two hosts, looked at and named, with the command that settles it. Changes nothing.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "core/model/before_image.hpp"

namespace vmferry::cli {

/// One host's part of it.
struct HostView {
    std::string host;
    std::string uri;  ///< Redacted.
    model::Observation seen;
    std::optional<uint64_t> cpu_time_delta_ns;  ///< Between the two looks, of one running instance.
    std::optional<bool> autostart;              ///< nullopt where it cannot be asked: nothing there, or it is loading.
    std::vector<model::DiskFile> disks;
};

struct DoctorView {
    std::string vm_name;
    std::string vm_uuid;
    std::vector<HostView> hosts;
    std::string told_by;      ///< "journal", "markers" or "hosts": what the row was found by.
    std::string transaction;  ///< Of the journal or the markers; empty: none holds the VM.
    std::string row;
    std::string action;
    std::string reason;
    std::vector<std::string> next;  ///< What settles it; empty: nothing has to be settled.
    bool in_doubt = false;          ///< No command of vmferry settles it as it is now.
};

/// What a row of one of the recovery tables says.
template <typename Row>
void tell_row(DoctorView& view, const Row& row, const std::string& command)
{
    view.row = row.name;
    view.action = to_string(row.action);
    view.reason = row.reason;
    view.in_doubt = row.action == decltype(row.action)::doubt;
    view.next = {command};
}

[[nodiscard]] Result<DoctorView> examine(Environment& environment, Session& session, const std::string& vm,
                                         const std::vector<std::string>& hosts);

}  // namespace vmferry::cli
