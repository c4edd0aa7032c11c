// What a relay tells its owner.

#pragma once

#include <string_view>

namespace vmferry::relay {

enum class RelayEvent {
    finish_called,  ///< libvirt's client has called Finish, to end the move well or to cancel it.
    finish_waits,   ///< That call is in our hands in full, because it was asked for: pass it on.
    finish_held,    ///< The target is loaded and its good reply is in our hands: release or drop it.
    finish_failed,  ///< Finish was answered with an error, which was passed on: libvirt goes back by itself.
    released,       ///< The held reply is on its way to libvirt's client in full.
    dropped,        ///< The client was cut off on our word.
    target_closed,  ///< The target's end is gone. A held reply stays held.
    client_closed,  ///< libvirt's client has closed its end.
    opaque,         ///< The stream is not readable RPC (encrypted, descriptors); it has been cut off.
};

[[nodiscard]] std::string_view to_string(RelayEvent event);

}  // namespace vmferry::relay
