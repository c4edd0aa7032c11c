#include "cli/journald_event.hpp"

namespace vmferry::cli {

std::string_view message_id(JournaldEvent event)
{
    switch (event) {
    case JournaldEvent::log: break;
    case JournaldEvent::began: return "3f343767c9bd46f5aed50bd1e900b788";
    case JournaldEvent::resumed: return "94281788e4cf434e8d50a4d834919da9";
    case JournaldEvent::phase_done: return "ad514feb24a34635972869adc2efffc4";
    case JournaldEvent::phase_failed: return "2fc2aceb61a2406c8011700ffc94260b";
    case JournaldEvent::finding: return "d78c77fff8df4a9c96511b8b75d995c2";
    case JournaldEvent::warning: return "f1b48df7099f42389da868abdbed546b";
    case JournaldEvent::recovery: return "0c91821166154321b81bf00010c02c18";
    case JournaldEvent::undone: return "0cdb6c6daeca45268e59abb00277da1d";
    case JournaldEvent::ended: return "b7bd3ea52b6248b5b62eb16d68e431a1";
    case JournaldEvent::failed: return "09bf9c93881c4f4eb7dc6fb962ea1816";
    }
    return {};
}

}  // namespace vmferry::cli
