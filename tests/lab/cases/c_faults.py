"""Daemons, emulators, links and whole hosts fail, in pre-copy and inside the switch window.

In the window vmferry is held before or after COMMIT, so that a fault meets exactly that moment.
"""

import os
import signal
import time
from contextlib import ExitStack
from dataclasses import replace

from casekit.case import BACK, COMMITTED, DOUBT, EITHER, LOADED, Case, Expect
from labkit import faults

BEFORE_COMMIT = "journal.COMMIT.before"
AFTER_COMMIT = "journal.COMMIT.after"
BEFORE_RESUME = "effect.resume:target.before"
# A lost peer is noticed by keepalive (5 s); then a question to it goes unanswered, and the source resumes.
NOTICED_S = 15.0


# -- faults: each does its deed and returns what undoes it --

def source_daemon(scene):
    scene.restart_libvirtd(scene.source)


def target_daemon(scene):
    scene.restart_libvirtd(scene.target)


def target_emulator(scene):
    scene.mark("kill -9 of the target's QEMU")
    os.kill(scene.target.qemu_pid(scene.guest.name), signal.SIGKILL)
    time.sleep(0.5)  # libvirtd has noticed: its answer to a resume is a refusal, not a broken pipe


def target_link(scene):
    return faults.link_cut(scene.target)


def source_link(scene):
    return faults.link_cut(scene.source)


def between_hosts(scene):
    return faults.hosts_parted(scene.source, scene.target)


class _HostLost:
    def __init__(self, scene, host):
        self._scene, self._host = scene, host

    def __enter__(self):
        faults.lose_host(self._host)
        self._scene.mark(f"{self._host.name} is lost")

    def __exit__(self, *_):
        self._scene.lab.revive(self._host)
        self._scene.mark(f"{self._host.name} is back")


def target_host(scene):
    return _HostLost(scene, scene.target)


def source_host(scene):
    return _HostLost(scene, scene.source)


# -- moments --

def in_precopy(fault):
    """The fault meets the memory stream; it is healed when vmferry has ended."""
    def story(scene):
        run = scene.migrate()
        scene.wait_precopy(run)
        time.sleep(0.3)
        with ExitStack() as healing:
            undo = fault(scene)
            if undo:
                healing.enter_context(undo)
            run.wait()
        return _settled(scene, run)
    return story


def in_window(fault, point):
    """The guest stands, the target is complete, and vmferry is past its last question."""
    def story(scene):
        run, hold = scene.held_at(point)
        with ExitStack() as healing:
            undo = fault(scene)
            if undo:
                healing.enter_context(undo)
            hold.release()
            run.wait()
            if run.exit == 30:
                scene.nobody_runs()
        return _settled(scene, run)
    return story


def in_finish(fault):
    """The target is complete and its answer is still on its way: vmferry waits, and must notice."""
    def story(scene):
        with scene.relayed(scene.target) as relay, ExitStack() as healing:
            answer = relay.rule("finish3", "reply", "hold")
            run = scene.migrate()
            answer.wait()
            undo = fault(scene)
            if undo:
                healing.enter_context(undo)
            run.wait()
        return _settled(scene, run)
    return story


def _settled(scene, run):
    """What was owed or in doubt while the fault lasted is settled once it is healed."""
    scene.notes.append(f"at first exit {run.exit} after {run.seconds:.1f} s")
    if run.exit == 31:
        scene.notes.append(f"differences: {run.answer.get('differences')}, debts: {run.answer.get('debts')}")
    return run if run.exit in (0, 20) else scene.settle_patiently()


_PRECOPY = {"source-libvirtd": source_daemon, "target-libvirtd": target_daemon, "target-qemu": target_emulator,
            "target-link": target_link, "between-hosts": between_hosts, "target-host": target_host}
# A cut link takes the SAN away as well; this disk stays.
_NO_SAN = replace(LOADED, storage="dir")
_DATA_LINK_ONLY = {"target-link": target_link, "source-link": source_link}
_WINDOW = {"source-libvirtd": source_daemon, "target-libvirtd": target_daemon, "target-qemu": target_emulator,
           "target-link": target_link, "source-link": source_link, "between-hosts": between_hosts,
           "source-host": source_host}
# Where only one place is right. With the others the moment decides, but it is always one of the two.
_PLACES = {"target-qemu": BACK, "between-hosts": COMMITTED, "source-host": COMMITTED, "source-link": COMMITTED}


_FINISH = {"target-link": target_link, "target-host": target_host, "target-qemu": target_emulator,
           "target-libvirtd": target_daemon}
_FINISH_CORE = ("target-link", "target-host")


def _in_windows(word, point, core):
    for name, fault in _WINDOW.items():
        yield Case(f"fault/{word}/{name}", in_window(fault, point), Expect(_PLACES.get(name, EITHER)), core=core,
                   plain=f"fault/window/{name}" if point == BEFORE_COMMIT else "")


def lost_target(scene):
    """The target's host does not answer to the resume: it may have run."""
    run, hold = scene.held_at(BEFORE_RESUME)
    with target_host(scene):
        hold.release()
        run.wait()
    scene.check_exit(scene.settle(), 30)
    return run


CASES = [
    *(Case(f"fault/precopy/{name}", in_precopy(fault), Expect(BACK, outage_s=2.0), slow=True, core=True,
            plain=f"fault/precopy/{name}") for name, fault in _PRECOPY.items()),
    # The daemons are reached all the time: only the stream of memory stands still.
    *(Case(f"fault/precopy/{name}-by-unix", in_precopy(fault), Expect(BACK), _NO_SAN, slow=True, uris="unix")
      for name, fault in _DATA_LINK_ONLY.items()),
    *_in_windows("before-commit", BEFORE_COMMIT, True),
    *_in_windows("after-commit", AFTER_COMMIT, False),
    Case("fault/before-commit/target-host", in_window(target_host, BEFORE_COMMIT), Expect(BACK)),
    Case("fault/before-resume/target-host", lost_target, Expect(DOUBT, exits=(30,)), again=False),
    *(Case(f"fault/finish/{name}", in_finish(fault), Expect(BACK, outage_s=NOTICED_S), core=name in _FINISH_CORE,
            plain=f"fault/finish/{name}")
      for name, fault in _FINISH.items()),
]
