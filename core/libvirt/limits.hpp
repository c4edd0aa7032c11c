// How long this folder waits for what. A limit that the caller gives (open, observe, prepare) is
// not here.

#pragma once

#include "core/base/clock.hpp"

namespace vmferry::libvirt::limits {

using namespace std::chrono_literals;

/// One question to a daemon: definitions, states, settings.
inline constexpr Milliseconds k_question = 5s;
/// Questions that walk over many objects (all domains, all devices) or start a helper process.
inline constexpr Milliseconds k_survey = 15s;
/// The job state inside an observation: it waits for the emulator, the rest does not.
inline constexpr Milliseconds k_job_question = 1500ms;
/// Statistics of a migration: who waits for them does not see its events.
inline constexpr Milliseconds k_progress = 1s;
/// An act that the daemon answers at once when it can.
inline constexpr Milliseconds k_act = 5s;
/// Teardown of an emulator: libvirt itself gives it 10 s of SIGTERM before it kills, and a big guest
/// needs time to free its memory.
inline constexpr Milliseconds k_teardown = 30s;
/// How often a domain is asked whether it is gone.
inline constexpr Milliseconds k_poll = 20ms;
/// Storage: pools are scanned, volumes written.
inline constexpr Milliseconds k_storage = 15s;
/// One piece of an image's content, some MiB: a datastore that has not served it by then serves nothing.
inline constexpr Milliseconds k_piece = 30s;
/// What the kernel has not written to its disk yet of an image: a share of its memory.
inline constexpr Milliseconds k_write_out = 10min;
/// How long a file is looked for that another host has just written: attribute caches of network
/// file systems.
inline constexpr Milliseconds k_shared_look_up = 1500ms;
inline constexpr Milliseconds k_shared_look_up_pause = 150ms;
/// Start of the twin that tries a name: its emulator gives up by itself, except behind a firewall
/// that answers nothing.
inline constexpr Milliseconds k_twin = 8s;
inline constexpr Milliseconds k_twin_pause = 100ms;
/// An orderly close. A connection that does not manage it is left to its thread.
inline constexpr Milliseconds k_close = 500ms;

/// Keepalive: a peer that answers nothing is given up after (count + 1) intervals, 4 s.
inline constexpr int k_keepalive_interval_s = 1;
inline constexpr unsigned k_keepalive_count = 3;

}  // namespace vmferry::libvirt::limits
