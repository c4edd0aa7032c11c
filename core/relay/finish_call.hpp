// The call of Finish, as far as post-copy needs it understood.
//
// A guarded move asks for a target that stays paused (VIR_MIGRATE_PAUSED). libvirt refuses that flag together with
// post-copy, in Prepare: such a target must run while the rest of its memory arrives, and only Finish can start it.
// Whether it is to be post-copy turns out long after the client was told. So the client is not told to leave it paused
// where post-copy is allowed, and the flag is put into its call of Finish on the way, unless the source is in
// post-copy.
//
// Pure. remote_protocol.x: the arguments of procedure 306 end with `unsigned int flags; int cancelled;`.

#pragma once

#include <cstddef>
#include <vector>

namespace vmferry::relay {

/// Makes a call of Finish leave the target paused; one that cancels the move stays as it is. `frame`: header and
/// payload. False, and nothing is changed: it is no such call, and must not pass.
[[nodiscard]] bool keep_paused(std::vector<std::byte>& frame);

}  // namespace vmferry::relay
