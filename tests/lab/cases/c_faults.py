"""Daemons, emulators, links and whole hosts fail, in pre-copy and inside the switch window.

In the window vmferry is held before or after COMMIT, so that a fault meets exactly that moment.
"""

import os
import signal
import time
from contextlib import ExitStack

from casekit.case import BACK, COMMITTED, EITHER, Case, Expect
from labkit import faults

BEFORE_COMMIT = "journal.COMMIT.before"
AFTER_COMMIT = "journal.COMMIT.after"
# A lost peer is noticed by keepalive (5 s) and by the memory stream standing still (5 s).
NOTICED_S = 8


# -- faults: each does its deed and returns what undoes it --

def source_daemon(scene):
    scene.restart_libvirtd(scene.source)


def target_daemon(scene):
    scene.restart_libvirtd(scene.target)


def target_emulator(scene):
    scene.mark("kill -9 of the target's QEMU")
    os.kill(scene.target.qemu_pid(scene.guest.name), signal.SIGKILL)


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


def in_window(fault, point=BEFORE_COMMIT, held_s=0.0):
    """The guest stands, the target is complete. `held_s`: how long vmferry may notice the fault."""
    def story(scene):
        run, hold = scene.held_at(point)
        with ExitStack() as healing:
            undo = fault(scene)
            if undo:
                healing.enter_context(undo)
            time.sleep(held_s)
            hold.release()
            run.wait()
            if run.exit == 30:
                scene.nobody_runs()
        return _settled(scene, run)
    return story


def _settled(scene, run):
    """What was owed or in doubt while the fault lasted is settled once it is healed."""
    scene.notes.append(f"at first exit {run.exit} after {run.seconds:.1f} s")
    return run if run.exit in (0, 20) else scene.settle()


_PRECOPY = {"source-libvirtd": source_daemon, "target-libvirtd": target_daemon, "target-qemu": target_emulator,
            "target-link": target_link, "between-hosts": between_hosts, "target-host": target_host}
_DATA_LINK_ONLY = {"target-link": target_link, "source-link": source_link}
_WINDOW = {"source-libvirtd": (source_daemon, EITHER), "target-libvirtd": (target_daemon, EITHER),
           "target-qemu": (target_emulator, BACK), "target-link": (target_link, EITHER),
           "source-link": (source_link, EITHER), "between-hosts": (between_hosts, COMMITTED),
           "source-host": (source_host, COMMITTED)}

CASES = [
    *(Case(f"fault/precopy/{name}", in_precopy(fault), Expect(BACK, outage_s=2.0), slow=True, core=True)
      for name, fault in _PRECOPY.items()),
    *(Case(f"fault/precopy/{name}-by-unix", in_precopy(fault), Expect(BACK), slow=True, uris="unix")
      for name, fault in _DATA_LINK_ONLY.items()),
    *(Case(f"fault/before-commit/{name}", in_window(fault), Expect(place), core=True)
      for name, (fault, place) in _WINDOW.items()),
    *(Case(f"fault/after-commit/{name}", in_window(fault, AFTER_COMMIT), Expect(EITHER))
      for name, (fault, _) in _WINDOW.items()),
    # Noticed while nothing is committed yet: there is a way back.
    Case("fault/before-commit/target-link-noticed", in_window(target_link, held_s=NOTICED_S), Expect(BACK)),
    Case("fault/before-commit/target-host-noticed", in_window(target_host, held_s=NOTICED_S), Expect(BACK),
         core=True),
]
