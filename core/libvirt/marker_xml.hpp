// The marker as XML: alone, as libvirt's metadata call takes and gives it, and inside a definition.

#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/libvirt/xml.hpp"
#include "core/model/marker.hpp"

namespace vmferry::libvirt {

/// `<marker transaction=".." epoch=".." role=".." committed=".." controller=".." resumed=".." nvram=".."
/// instance=".." cpu-time-ns=".." plan=".."/>`, without namespace: libvirt adds it.
[[nodiscard]] std::string marker_xml(const model::Marker& marker);

/// What libvirt's metadata call gave. Kind `failed` for an element that is not a marker of ours.
[[nodiscard]] Result<model::Marker> parse_marker(const std::string& text);

/// The marker inside a definition; nullopt when there is none or it is unreadable.
[[nodiscard]] std::optional<model::Marker> marker_in(const xml::Document& definition);

/// The definition with `marker` in place of the one that it has, or in addition.
[[nodiscard]] Result<std::string> with_marker(const std::string& definition, const model::Marker& marker);

}  // namespace vmferry::libvirt
