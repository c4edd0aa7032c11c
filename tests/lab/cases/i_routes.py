"""Moves whose Finish cannot be held: the source ends before the target runs, or (native) libvirt decides alone.

The answer of Finish that gets lost is what gives two running copies with plain libvirt. Here the target's copy never
runs before COMMIT, whatever libvirt thinks of the move: the source is ended where it stands, or goes on.
"""

import time
from contextlib import contextmanager
from dataclasses import replace

from casekit.case import BACK, COMMITTED, LOADED, Case, Expect
from labkit import faults

REFUSED = [f"effect.resume:target.before=error@{number}" for number in range(1, 200)]
GIVEN_UP = ("has no way back", "two copies may run")
WAIT = ("--switch", "wait")
FENCE = ("--switch", "fence")
NATIVE = ("--switch", "native")
P2P = ("--p2p",)
P2P_WAIT = (*P2P, *WAIT)
P2P_NATIVE = (*P2P, *NATIVE)
# Of the daemons: by default they give a silent peer up after 30 s.
KEEPALIVE = {"keepalive_interval": 1, "keepalive_count": 3}
GIVEN_UP_S = 6.0


def moves(*words):
    """It arrives, and the result says which promise was given up."""
    def story(scene):
        run = scene.migrate(*words).wait()
        warnings = run.answer.get("warnings", [])
        given_up = run.answer.get("promise_given_up") or ""
        scene.check(any(text in given_up for text in GIVEN_UP), f"the promise given up is '{given_up}'")
        scene.check(given_up in warnings, f"the warnings are {warnings}")
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


@contextmanager
def silence_from_target(scene, *words, **options):
    """A move by the source's daemon, which from the pre-copy on hears nothing of the target's."""
    scene.before.ignored.add("bandwidth_mib_s")  # the daemon restarts, and forgets the limit it had set
    with faults.configured(scene.source, qemu=KEEPALIVE):
        run = scene.migrate(*words, **options)
        scene.wait_precopy(run)
        with faults.drop_replies_from(scene.source, scene.target):
            scene.mark("the target's answers are lost")
            yield run
        run.wait()


def proofs(scene):
    """Of the fences that the journal tells of."""
    audit = scene.ferry.run("audit", "--json").answer
    entries = [entry for transaction in audit.get("transactions", []) for entry in transaction["entries"]]
    return [entry["body"].get("proof") for entry in entries if entry["kind"] == "FENCED"]


def finish_silent(*words, fenced):
    """Nobody tells the source's daemon that the move went well: it would let the source run on."""
    def story(scene):
        with silence_from_target(scene, *words) as run:
            time.sleep(GIVEN_UP_S)
        found = proofs(scene)
        scene.check(found == (["shutdown-event"] if fenced else []), f"the journal's fences are {found}")
        return run if run.exit in (0, 20) else scene.settle_patiently()
    return story


def killed_at_fence(point):
    """The worker is killed around its fence; the guardian sees a source that has ended, and one that has not."""
    def story(scene):
        with silence_from_target(scene, *P2P, points=[f"{point}=crash"]) as run:
            time.sleep(GIVEN_UP_S)
        return run if run.exit in (0, 20) else scene.settle_patiently()
    return story


def adopted(scene):
    """The daemons go on without vmferry, and the operator wants what they come to."""
    run = scene.migrate(*P2P)
    scene.wait_precopy(run)
    run.kill()
    scene.full_speed()
    return scene.settle("--forward", limit=60)


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


def killed_before_commit(*words, runs_already=False):
    def story(scene):
        scene.migrate(*words, points=["journal.COMMIT.before=crash-group"]).wait()
        if not runs_already:
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
    Case("routes/fence", moves(*FENCE), Expect(COMMITTED, exits=(0,), outage_s=3.0)),
    Case("routes/p2p-wait", moves(*P2P_WAIT), Expect(COMMITTED, exits=(0,), outage_s=3.0)),
    Case("routes/native", moves(*NATIVE), Expect(COMMITTED, exits=(0,), outage_s=3.0), core=True),
    Case("routes/p2p-native", moves(*P2P_NATIVE), Expect(COMMITTED, exits=(0,), outage_s=3.0)),
    Case("routes/native-killed", killed_before_commit(*NATIVE, runs_already=True), Expect(COMMITTED)),
    Case("routes/fence-finish-lost", finish_lost("reset", *FENCE), Expect(BACK)),
    Case("routes/p2p-finish-silent", finish_silent(*P2P, fenced=True), Expect(COMMITTED, exits=(0,), outage_s=5.0),
         core=True),
    # Ended otherwise than by libvirt's Confirm, the source's daemon takes image labels back.
    Case("routes/p2p-fence-labels", finish_silent(*P2P, fenced=True), Expect(COMMITTED, exits=(0,)),
         replace(LOADED, storage="gluster"), profile="secure"),
    Case("routes/p2p-wait-finish-silent", finish_silent(*P2P_WAIT, fenced=False), Expect(BACK)),
    Case("routes/p2p-fence-killed/commit.before", killed_at_fence("journal.COMMIT.before"), Expect(BACK)),
    Case("routes/p2p-fence-killed/commit.after", killed_at_fence("journal.COMMIT.after"), Expect(BACK)),
    Case("routes/p2p-fence-killed/fence.before", killed_at_fence("effect.fence:source.before"), Expect(BACK)),
    Case("routes/p2p-fence-killed/fence.after", killed_at_fence("effect.fence:source.after"), Expect(COMMITTED)),
    Case("routes/p2p-fence-killed/resumed.before", killed_at_fence("journal.RESUMED.before"), Expect(COMMITTED)),
    Case("routes/p2p-adopted", adopted, Expect(COMMITTED, exits=(0,)), slow=True),
]
