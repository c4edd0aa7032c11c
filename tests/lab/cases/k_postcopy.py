"""Post-copy: the guest goes on at the target while the rest of its memory is sent, and what can happen then.

The guest dirties its memory faster than the link carries it, so that nothing else would move it. When it runs at the
target, some seconds of its working set are still to come: in them the stream is cut, vmferry is killed, a host is lost.
"""

import os
import signal
import time
from dataclasses import replace

from casekit.case import BACK, COMMITTED, LOADED, TOLD, Case, Expect
from labkit import faults
from labkit.shell import LabError

LINK_MIB_S = 8
WILD = replace(LOADED, dirty_mib_s=2 * LINK_MIB_S, working_set_mib=32)
# A cut link takes the SAN away as well; this disk stays.
WILD_NO_SAN = replace(WILD, storage="dir")
WORDS = ("--bwlimit", f"{LINK_MIB_S}MiB", "--postcopy", "--max-downtime", "20ms")
# Longer than vmferry waits before it takes the stream for broken.
CUT_S = 8.0


def _status_seen(scene, run, status):
    return any(event.event == "MIGRATION" and event.data.get("status") == status and event.time >= run.begin
               for event in scene.observer.events(scene.guest.name) if event.host == scene.source.name)


def wait_postcopy(scene, run, limit=60.0):
    """Until the guest runs at the target and memory is still at the source."""
    deadline = time.monotonic() + limit
    while not _status_seen(scene, run, "postcopy-active"):
        if run.ended() or time.monotonic() > deadline:
            raise LabError(f"it was never switched to post-copy: {run.last_words()}")
        time.sleep(0.02)
    scene.observer.wait_beat(scene.guest.name, timeout=10, vantage=scene.target.name)
    scene.check(not _status_seen(scene, run, "completed"), "post-copy was over before the fault came")
    scene.mark("in post-copy")


def _check_told(scene, run):
    """That the promise is given up is said before and after, and the schedule's act is in the result."""
    steps = [step["action"] for step in (run.answer.get("schedule") or {}).get("steps", [])]
    scene.check(steps[-1:] == ["postcopy"], f"the schedule did {steps}")
    warnings = " ".join(run.answer.get("warnings", []))
    scene.check("no way back" in warnings and "on both hosts" in warnings, f"nothing said of the promise: {warnings}")


def moves(*words):
    def story(scene):
        run = scene.migrate(*words).wait()
        _check_told(scene, run)
        scene.notes.append(f"downtime {run.answer.get('downtime_ms')} ms")
        return run
    return story


def not_needed(scene):
    """Allowed, but the memory converges: then it is a move like any other."""
    run = scene.migrate("--postcopy").wait()
    steps = [step["action"] for step in (run.answer.get("schedule") or {}).get("steps", [])]
    scene.check("postcopy" not in steps, f"the schedule did {steps}")
    return run


def transient(scene):
    """Nothing would tell how its copy at the source has ended: refused before anything is moved."""
    run = scene.migrate("--postcopy").wait()
    error = run.answer.get("error") or {}
    scene.check("transient" in error.get("message", ""), f"the error is {error}")
    return run


def cut(fault):
    """The stream is cut in the middle, longer than anybody's patience, and the move ends by itself."""
    def story(scene):
        run = scene.migrate(*WORDS)
        wait_postcopy(scene, run)
        with fault(scene):
            scene.mark("cut")
            time.sleep(CUT_S)
        scene.mark("healed")
        run.wait()
        _check_told(scene, run)
        scene.check(_status_seen(scene, run, "postcopy-paused"), "the stream was never broken")
        return run
    return story


def killed(scene):
    """Worker and guardian are killed; the daemons go on, and who comes next finishes it."""
    run = scene.migrate(*WORDS)
    wait_postcopy(scene, run)
    run.kill()
    scene.mark("vmferry is dead")
    return scene.settle()


def killed_and_cut(scene):
    """The same with a stream that breaks while nobody is there: the next one puts it together again."""
    run = scene.migrate(*WORDS)
    wait_postcopy(scene, run)
    with faults.hosts_parted(scene.source, scene.target):
        run.kill()
        scene.mark("vmferry is dead, the stream is cut")
        time.sleep(1.0)
    # Nobody has noticed; to the emulators it was a short pause. Only a broken stream has to be resumed.
    scene.source.virsh("domjobabort", scene.guest.name, "--postcopy")
    scene.mark("the stream is broken")
    return scene.settle()


def killed_at(point):
    def story(scene):
        run = scene.migrate(*WORDS, points=[f"{point}=crash-group"]).wait()
        scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
        return scene.settle_patiently()
    return story


def _check_lost(scene, run):
    """LOST is said, with what is left; nobody runs, and the VM starts from its disks as the result says."""
    answer = run.answer
    scene.check_exit(run, 30)
    scene.check(answer.get("outcome") == "lost", f"the outcome is {answer.get('outcome')}: {run.last_words()}")
    intact = "; ".join(answer.get("intact", []))
    scene.check("its disks" in intact and "part of its memory" in intact, f"intact: {intact}")
    scene.nobody_runs()
    command = (answer.get("next") or [""])[0]
    scene.check("destroy" in command and "start" in command, f"the next command is {command}")
    scene.source.virsh("destroy", scene.guest.name)
    scene.source.virsh("start", scene.guest.name)
    scene.observer.wait_beat(scene.guest.name, timeout=30, vantage=scene.source.name)
    scene.check_exit(scene.ferry.run("rollback", answer["tx"], "--json"), 30)
    debts = scene.ferry.run("status", answer["tx"], "--json").answer.get("debts")
    scene.check(debts == [], f"debts are left: {debts}")
    scene.check(scene.guest.name not in scene.target.virsh("list", "--all", "--name").split(), "the target has it still")


def killed_before_let_run(scene):
    """What consent to post-copy gives up as well: the source stands for good, and nobody lets the target run."""
    run = scene.migrate(*WORDS, points=["effect.finish:target.before=crash-group"]).wait()
    scene.check(run.exit == -9, f"vmferry was not killed: {run.last_words()}")
    settled = scene.settle()
    _check_lost(scene, settled)
    return settled


def lost_emulator(scene):
    run = scene.migrate(*WORDS)
    wait_postcopy(scene, run)
    scene.mark("kill -9 of the target's QEMU")
    os.kill(scene.target.qemu_pid(scene.guest.name), signal.SIGKILL)
    run.wait()
    _check_lost(scene, run)
    return run


def lost_host(scene):
    """While the host is away nobody can know; its word, or the operator's, that it is gone makes it lost."""
    run = scene.migrate(*WORDS)
    wait_postcopy(scene, run)
    faults.lose_host(scene.target)
    scene.mark("the target is lost")
    try:
        time.sleep(8.0)
        for _ in range(2):  # The operator waits no longer.
            run.signal(signal.SIGINT)
            time.sleep(0.5)
        run.wait()
        scene.check_exit(run, 30)
        scene.check(run.answer.get("outcome") == "in-doubt", f"{run.last_words()}")
        asserted = scene.ferry.run("rollback", run.answer["tx"], "--host-dead", scene.target.name, "--json")
        scene.check_exit(asserted, 30)
        scene.check(asserted.answer.get("outcome") == "lost", f"{asserted.last_words()}")
    finally:
        scene.lab.revive(scene.target)
        scene.mark("the target is back")
    _check_lost(scene, asserted)
    return asserted


_MOVED = Expect(COMMITTED, exits=(0,))

CASES = [
    Case("postcopy/moves", moves(*WORDS), Expect(COMMITTED, exits=(0,), outage_s=4.0), WILD, core=True, again=False),
    Case("postcopy/on-timeout", moves("--bwlimit", f"{LINK_MIB_S}MiB", "--timeout", "6s", "--on-timeout", "postcopy"),
         _MOVED, WILD),
    Case("postcopy/transient", transient, Expect(BACK, exits=(10,)), replace(LOADED, transient=True)),
    Case("postcopy/not-needed", not_needed, Expect(COMMITTED, exits=(0,), outage_s=2.0)),
    Case("postcopy/cut", cut(lambda scene: faults.hosts_parted(scene.source, scene.target)), _MOVED, WILD, core=True,
         again=False),
    Case("postcopy/cut-target-link", cut(lambda scene: faults.link_cut(scene.target)), _MOVED, WILD_NO_SAN),
    Case("postcopy/killed", killed, _MOVED, WILD),
    Case("postcopy/killed-and-cut", killed_and_cut, _MOVED, WILD),
    Case("postcopy/killed-at-resumed", killed_at("journal.RESUMED.before"), _MOVED, WILD),
    Case("postcopy/killed-before-let-run", killed_before_let_run, Expect(TOLD), WILD, again=False, fresh=True),
    Case("postcopy/lost-emulator", lost_emulator, Expect(TOLD), WILD, again=False, fresh=True),
    Case("postcopy/lost-host", lost_host, Expect(TOLD), WILD, again=False, fresh=True),
]
