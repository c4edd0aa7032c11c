// A journal that tells each durable entry to the event stream, once it is written.

#pragma once

#include <memory>

#include "cli/events.hpp"
#include "journal/store.hpp"

namespace vmferry::cli {

/// `events` must outlive what is returned.
[[nodiscard]] std::unique_ptr<journal::Store> watched(std::unique_ptr<journal::Store> store, Events& events);

}  // namespace vmferry::cli
