"""The convergence schedule: guests that dirty their memory faster than the link carries it, and its options.

The link is as fast as --bwlimit says: what was dirtied during a pass over the working set takes longer to send than
any downtime limit allows.
"""

import signal
from dataclasses import replace

from casekit.case import BACK, COMMITTED, EITHER, LOADED, Case, Expect

LINK_MIB_S = 8
# Twice what the link carries, over a set that takes 3 s to send.
WILD = replace(LOADED, dirty_mib_s=2 * LINK_MIB_S, working_set_mib=24)
LIMIT = ("--bwlimit", f"{LINK_MIB_S}MiB")
NEVER_CONVERGED = "VMF-M021"
# The wait for a pass that is on its way, and a roll-back.
SUSPENSION_S = 25.0


def _schedule(run):
    return run.answer.get("schedule") or {}


def _actions(run):
    return [step["action"] for step in _schedule(run).get("steps", [])]


def gives_up(says, *words):
    """Time is up: the VM stays, and the result says why, by which rates."""
    def story(scene):
        run = scene.migrate(*LIMIT, *words).wait()
        error = run.answer.get("error") or {}
        scene.check(error.get("id") == NEVER_CONVERGED, f"the error is {error}")
        scene.check(says in error.get("message", ""), f"no '{says}' in {error}")
        steps = _schedule(run).get("steps", [])
        scene.check(all(step["action"] == "raise-downtime" for step in steps), f"steps are {steps}")
        return run
    return story


def raises(scene):
    """The limit rises to what was allowed and no further."""
    run = scene.migrate(*LIMIT, "--max-downtime", "30ms", "--timeout", "35s").wait()
    limits = [step["downtime_ms"] for step in _schedule(run).get("steps", [])]
    scene.check(limits == [20, 30], f"the limit rose to {limits}")
    return run


def suspends(*points, settles=False, stop=None):
    """Time is up and the guest is stopped until the rest is sent."""
    def story(scene):
        words = (*LIMIT, "--timeout", "6s", "--on-timeout", "suspend")
        if stop:
            run, hold = _held(scene, words)
            run.signal(stop)
            hold.release()
        else:
            run = scene.migrate(*words, points=points)
        run.wait()
        if settles:
            return scene.settle_patiently()
        if not stop and not points:
            scene.check(_actions(run)[-1:] == ["suspend"], f"the schedule did {_actions(run)}")
        return run
    return story


def _held(scene, words):
    hold = scene.ferry.hold("effect.suspend:source.after")
    run = scene.migrate(*words, points=[hold])
    hold.wait(run)
    return run, hold


def slows_down(scene):
    """QEMU's auto-converge: the guest is throttled until it fits, and the result says how far."""
    run = scene.migrate(*LIMIT, "--profile", "fast", "--timeout", "80s").wait()
    scene.check(_schedule(run).get("throttle_pct", 0) > 0, f"no throttling in {_schedule(run)}")
    return run


def side_by_side(scene):
    run = scene.migrate("--parallel", "3").wait()
    scene.check(_schedule(run).get("connections") == 3, f"{_schedule(run)}")
    return run


def limited(scene):
    """The rate is really kept: memory over time."""
    run = scene.migrate("--bwlimit", "4MiB").wait()
    sent, seconds = run.answer["bytes_sent"]["ram"], run.answer["duration_ms"] / 1000
    scene.notes.append(f"{sent / seconds / 2**20:.1f} MiB/s")
    scene.check(sent / seconds < 4.4 * 2**20, f"{sent} bytes in {seconds} s")
    return run


_IDLE = replace(LOADED, dirty_mib_s=1)
# Above the link's rate, but not by so much that QEMU takes nearly all from an emulated guest: the more it takes, the
# longer each pass waits for a virtual processor that sleeps.
_BUSY = replace(WILD, dirty_mib_s=1.2 * LINK_MIB_S)

CASES = [
    Case("converge/timeout", gives_up("sent once", "--timeout", "5s"), Expect(BACK, exits=(20,), outage_s=2.0), WILD,
         core=True),
    Case("converge/stall", gives_up("dirty", "--stall-timeout", "4s"), Expect(BACK, exits=(20,), outage_s=2.0), WILD),
    Case("converge/raises", raises, Expect(BACK, exits=(20,), outage_s=2.0), WILD),
    Case("converge/suspend", suspends(), Expect(COMMITTED, exits=(0,), outage_s=SUSPENSION_S), WILD, core=True),
    Case("converge/suspend-killed", suspends("effect.suspend:source.after=crash-group", settles=True),
         Expect(EITHER, exits=(0,)), WILD),
    Case("converge/suspend-guardian", suspends("effect.suspend:source.after=crash"), Expect(BACK, exits=(20,)), WILD),
    Case("converge/suspend-stopped", suspends(stop=signal.SIGINT), Expect(BACK, exits=(130,)), WILD),
    Case("converge/slow-down", slows_down, Expect(COMMITTED, exits=(0,), outage_s=5.0), _BUSY),
    Case("converge/parallel", side_by_side, Expect(COMMITTED, exits=(0,), outage_s=2.0)),
    Case("converge/bwlimit", limited, Expect(COMMITTED, exits=(0,), outage_s=2.0), _IDLE),
]
