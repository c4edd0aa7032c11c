// The log: spdlog behind one name. Results go to stdout and never through here.

#pragma once

#include <spdlog/spdlog.h>

namespace vmferry::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::trace;
using spdlog::warn;

}  // namespace vmferry::log
