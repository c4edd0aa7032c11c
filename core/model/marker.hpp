// The marker: a small element in the domain's libvirt metadata that says which transaction works on
// this very domain. It lets any machine recover without the journal, and it is what allows a
// destructive act: no own marker, no destructive act.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/base/uuid.hpp"
#include "core/model/owner.hpp"

namespace vmferry::model {

/// XML namespace and prefix of the metadata element. Part of the interface: never changed.
inline constexpr std::string_view k_marker_namespace = "urn:vmferry:marker:1";
inline constexpr std::string_view k_marker_prefix = "vmferry";

struct Marker {
    Uuid transaction;
    int64_t epoch = 0;
    Side role = Side::source;  ///< Which side of the move this definition is.
    bool committed = false;    ///< On the target: COMMIT is durable, this copy owns the VM.
    std::string controller;    ///< Machine that holds the journal.
    bool resumed = false;      ///< On the target: RESUMED is durable, this copy has run.
    bool nvram = false;        ///< On the target: libvirt made its NVRAM file for this move.
    int instance = -1;         ///< libvirt's id of the instance that is moved, on the source; -1: not told.
    uint64_t cpu_time_ns = 0;  ///< What it had used when the move began: an older instance has used less.
    /// The plan as JSON, so that a recovery without the journal need not guess; null: not told.
    std::shared_ptr<const std::string> plan = nullptr;

    /// True when both speak of the same transaction and epoch.
    [[nodiscard]] bool same_transaction(const Marker& other) const
    {
        return transaction == other.transaction && epoch == other.epoch;
    }
    bool operator==(const Marker& other) const;
};

[[nodiscard]] Json to_json(const Marker& marker);

}  // namespace vmferry::model
