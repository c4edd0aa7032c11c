// A post-copy that nobody drives any more: its call failed, or the process that made it died.
//
// The two emulators do not need us as long as the stream between them flows, and libvirt ends the source by itself
// when all has arrived. When the stream broke, it is put together again by a migrate call with
// VIR_MIGRATE_POSTCOPY_RESUME, for which both emulators must have seen it break; behind a dead link they notice
// nothing for many minutes, so the source is told to break it. (Seen with libvirt 9.0 and QEMU 7.2.)

#pragma once

#include "core/engine/context.hpp"

namespace vmferry::engine {

/// Until the situation is another one: true, look again; with context.reply_held when a call of ours has brought it to
/// its end. False when nothing moved for limits.reconnect, or the operator asked twice to stop.
[[nodiscard]] bool reconnect(Context& context);

}  // namespace vmferry::engine
