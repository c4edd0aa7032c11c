"""Moves whose Finish cannot be held: libvirt ends the source before the target runs.

The answer of Finish that gets lost is what gives two running copies with plain libvirt. Here the target's copy never
runs before COMMIT, whatever libvirt thinks of the move.
"""

import time
from dataclasses import replace

from casekit.case import BACK, COMMITTED, LOADED, Case, Expect

REFUSED = [f"effect.resume:target.before=error@{number}" for number in range(1, 200)]
GIVEN_UP = "has no way back"
WAIT = ("--switch", "wait")
P2P = ("--p2p",)


def moves(*words):
    """It arrives, and the result says which promise was given up."""
    def story(scene):
        run = scene.migrate(*words).wait()
        warnings = run.answer.get("warnings", [])
        scene.check(any(GIVEN_UP in text for text in warnings), f"the warnings are {warnings}")
        return run
    return story


def finish_lost(action, *words):
    """The target's answer to Finish never arrives: who waits for it makes the source go on."""
    def story(scene):
        with scene.relayed(scene.target) as relay:
            answer = relay.rule("finish3", "reply", action)
            run = scene.migrate(*words)
            answer.wait()
            scene.mark("the answer of Finish is lost")
            run.wait()
        return run if run.exit == 20 else scene.settle_patiently()
    return story


def killed_in_precopy(scene):
    """The daemons go on without vmferry; whoever settles it ends their job."""
    run = scene.migrate(*P2P)
    scene.wait_precopy(run)
    run.kill()
    time.sleep(0.3)
    return scene.settle_patiently()


def killed_and_done(scene):
    """The daemons go on without vmferry and come to their end: the target holds the only memory."""
    run = scene.migrate(*P2P)
    scene.wait_precopy(run)
    run.kill()
    deadline = time.monotonic() + 30
    while scene.source.virsh("domstate", scene.guest.name) != "shut off" and time.monotonic() < deadline:
        time.sleep(0.1)
    scene.nobody_runs()
    return scene.settle_patiently()


def killed_before_commit(*words):
    def story(scene):
        scene.migrate(*words, points=["journal.COMMIT.before=crash-group"]).wait()
        scene.nobody_runs()
        return scene.settle()
    return story


def refused(scene):
    """There is no source to go back to: in doubt, until the target can be started."""
    run = scene.migrate(*WAIT, points=REFUSED).wait()
    scene.check_exit(run, 30)
    scene.nobody_runs()
    return scene.settle()


def transient(scene):
    """Nothing would tell how its copy at the source has ended: refused before anything is moved."""
    run = scene.migrate(*WAIT).wait()
    error = run.answer.get("error") or {}
    scene.check("transient" in error.get("message", ""), f"the error is {error}")
    return run


CASES = [
    Case("routes/wait-transient", transient, Expect(BACK, exits=(10,)), replace(LOADED, transient=True)),
    Case("routes/wait", moves(*WAIT), Expect(COMMITTED, exits=(0,), outage_s=3.0), core=True),
    Case("routes/p2p", moves(*P2P), Expect(COMMITTED, exits=(0,), outage_s=3.0), core=True),
    Case("routes/wait-finish-lost", finish_lost("reset", *WAIT), Expect(BACK), core=True),
    Case("routes/p2p-finish-lost", finish_lost("reset", *P2P), Expect(BACK), core=True,
         plain="routes/p2p-finish-lost"),
    Case("routes/p2p-killed", killed_in_precopy, Expect(BACK), slow=True, plain="routes/p2p-killed"),
    Case("routes/p2p-killed-and-done", killed_and_done, Expect(COMMITTED)),
    Case("routes/wait-killed", killed_before_commit(*WAIT), Expect(COMMITTED)),
    Case("routes/p2p-killed-later", killed_before_commit(*P2P), Expect(COMMITTED)),
    Case("routes/wait-refused", refused, Expect(COMMITTED)),
]
