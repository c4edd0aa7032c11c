// The words of a decision, as NOTE(recovery), the doctor and the tests say them.

#include "core/engine/recovery.hpp"

namespace vmferry::engine {

std::string_view to_string(Stage stage)
{
    constexpr std::string_view k_names[] = {"open",  "intent",  "native", "postcopy",
                                            "abort", "fencing", "commit", "resumed"};
    return k_names[static_cast<unsigned>(stage)];
}

std::string_view to_string(SourceIs source)
{
    constexpr std::string_view k_names[] = {"unreachable", "dead",         "working",  "runs",
                                            "held",        "paused-other", "postcopy", "other-instance",
                                            "ended",       "stopped",      "died",     "ran-on"};
    return k_names[static_cast<unsigned>(source)];
}

std::string_view to_string(TargetIs target)
{
    constexpr std::string_view k_names[] = {"unreachable", "dead",     "none",     "foreign", "unmarked", "defined",
                                            "incoming",    "complete", "postcopy", "broken",  "running",  "halted"};
    return k_names[static_cast<unsigned>(target)];
}

std::string_view to_string(Action action)
{
    constexpr std::string_view k_names[] = {"wait",    "adopt",  "back",      "back-debt", "reconnect",
                                            "forward", "finish", "guest-off", "lost",      "doubt"};
    return k_names[static_cast<unsigned>(action)];
}

}  // namespace vmferry::engine
