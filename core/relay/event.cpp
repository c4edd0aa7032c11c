#include "core/relay/event.hpp"

namespace vmferry::relay {

std::string_view to_string(RelayEvent event)
{
    switch (event) {
    case RelayEvent::finish_called: return "finish-called";
    case RelayEvent::finish_waits: return "finish-waits";
    case RelayEvent::finish_held: return "finish-held";
    case RelayEvent::finish_failed: return "finish-failed";
    case RelayEvent::released: return "released";
    case RelayEvent::dropped: return "dropped";
    case RelayEvent::target_closed: return "target-closed";
    case RelayEvent::client_closed: return "client-closed";
    case RelayEvent::opaque: return "opaque";
    }
    return "";
}

}  // namespace vmferry::relay
