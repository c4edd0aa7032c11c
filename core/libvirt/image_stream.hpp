// The content of a file through its daemon: libvirt's volume streams, in which holes travel as such.
//
// - A file is read in sections, each by a stream of its own: libvirt's client takes what a daemon sends whether or not
//   anybody wants it yet, so a whole image would end up in memory when its target is slower.
// - Each piece has a limit. A piece that was given up leaves nothing that is used again.

#pragma once

#include <memory>

#include "core/libvirt/connection.hpp"
#include "core/world/images.hpp"

namespace vmferry::libvirt {

/// The file must be there. Both keep `place.working_pool` until they go, and while a call of theirs is out.
[[nodiscard]] Result<std::unique_ptr<world::ImageReader>> open_stream_reader(std::shared_ptr<Connection> connection,
                                                                             const world::ImagePlace& place);
[[nodiscard]] Result<std::unique_ptr<world::ImageWriter>>
open_stream_writer(std::shared_ptr<Connection> connection, const world::ImagePlace& place, uint64_t length_bytes);

}  // namespace vmferry::libvirt
