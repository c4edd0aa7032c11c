"""vmferry itself is stopped, starved or muted, or two of it work at one transaction."""

import os
import signal
import time

from casekit.case import BACK, COMMITTED, EITHER, Case, Expect
from casekit.modes import GUARDED, P2P, in_modes, settled
from labkit import faults, shell

SHORT_S, LONG_S = 2.0, 7.0
# libvirt's own are 5 s and 5 times: nobody would wait for that in a test.
QUICK_KEEPALIVE = {"keepalive_interval": 1, "keepalive_count": 3}


def _stop(run, seconds):
    """SIGSTOP for guardian and worker, as Ctrl-Z of a shell that no handler sees."""
    pids = [run.guardian, run.worker()] if run.worker() != run.guardian else [run.guardian]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    for pid in reversed(pids):
        os.kill(pid, signal.SIGCONT)


def stopped_in_precopy(seconds):
    def story(scene, words):
        run = scene.migrate(*words)
        scene.wait_precopy(run)
        scene.mark("SIGSTOP")
        _stop(run, seconds)
        scene.mark("SIGCONT")
        scene.hurry()
        run.wait()
        return settled(scene, run)
    return story


def stopped_in_window(seconds):
    """The target is loaded, and who should let it run is not there."""
    def story(scene, words):
        with scene.relayed(scene.target) as relay:
            answer = relay.rule("finish3", "reply", "hold")
            run = scene.migrate(*words)
            answer.wait()
            scene.mark("SIGSTOP")
            answer.release()
            _stop(run, seconds)
            scene.mark("SIGCONT")
            run.wait()
        return settled(scene, run)
    return story


def with_quick_keepalive(story):
    """The daemons give a silent client up long before it wakes."""
    def told(scene, words):
        with faults.configured(scene.source, libvirtd=QUICK_KEEPALIVE), \
                faults.configured(scene.target, libvirtd=QUICK_KEEPALIVE):
            scene.before.ignored.add("bandwidth_mib_s")
            return story(scene, words)
    return told


def wrapped(script):
    """vmferry under a shell that takes something away from it."""
    def story(scene):
        return scene.migrate(wrapper=["sh", "-c", script, "sh"]).wait()
    return story


def starved(script):
    """It must end in one of the two places, and a vmferry with all its means puts right what is left."""
    def story(scene):
        return settled(scene, wrapped(script)(scene))
    return story


def starved_on_the_way(limit):
    """A limit falls on the worker while memory is on its way."""
    def story(scene):
        run = scene.migrate()
        scene.wait_precopy(run)
        worker = run.worker()
        shell.run(["prlimit", "--pid", worker, limit])
        scene.hurry()
        run.wait()
        return settled(scene, run)
    return story


def two_recoveries(point):
    """Cron and a human at once: one does it, the other says "later" or finds it done."""
    def story(scene):
        scene.migrate(points=[f"{point}=crash-group"]).wait()
        both = [scene.ferry.start("rollback", "--all-incomplete", "--json") for _ in range(2)]
        for run in both:
            run.wait()
        scene.notes.append("exits " + " ".join(str(run.exit) for run in both))
        scene.check(all(run.exit in (0, 75) for run in both), f"{[run.last_words() for run in both]}")
        return scene.settle()
    return story


def second_call_meanwhile(scene):
    """`rollback` of a move that is alive leaves it alone."""
    run, hold = scene.held_at("journal.COMMIT.before")
    second = scene.ferry.run("rollback", "--all-incomplete", "--json")
    scene.check(second.exit in (0, 75), f"{second.last_words()}")
    hold.release()
    return run.wait()


_MUTE = {"stdout-closed": 'exec "$@" >&-', "stderr-closed": 'exec "$@" 2>&-',
         "all-closed": 'exec "$@" <&- >&- 2>&-', "stdout-full": 'exec "$@" >/dev/full 2>/dev/full'}
_FILES = {f"files-{count}": f'ulimit -n {count}; exec "$@"' for count in (8, 16, 24, 32, 48)}
_MEMORY = {f"memory-{mib}-mib": f'ulimit -v {mib * 1024}; exec "$@"' for mib in (100, 200, 400)}

CASES = [
    *in_modes("stopped/precopy-short", stopped_in_precopy(SHORT_S), {GUARDED: COMMITTED, P2P: COMMITTED}, slow=True),
    *in_modes("stopped/precopy-long", with_quick_keepalive(stopped_in_precopy(LONG_S)),
              {GUARDED: BACK, P2P: EITHER}, slow=True, exits=(0, 20)),
    *in_modes("stopped/window-short", stopped_in_window(SHORT_S), {GUARDED: COMMITTED, P2P: COMMITTED},
              core=(GUARDED,)),
    *in_modes("stopped/window-long", with_quick_keepalive(stopped_in_window(LONG_S)),
              {GUARDED: EITHER, P2P: EITHER}, exits=(0, 20)),
    *(Case(f"mute/{name}", wrapped(script), Expect(COMMITTED, exits=(0, 73, 74)), core=name == "all-closed")
      for name, script in _MUTE.items()),
    *(Case(f"starved/{name}", starved(script), Expect(EITHER)) for name, script in {**_FILES, **_MEMORY}.items()),
    Case("starved/files-in-precopy", starved_on_the_way("--nofile=3:4096"), Expect(EITHER), slow=True),
    Case("starved/memory-in-precopy", starved_on_the_way("--as=1000000:unlimited"), Expect(EITHER), slow=True),
    Case("recoveries/two-back", two_recoveries("journal.COMMIT.before"), Expect(BACK, exits=(0,)), core=True),
    Case("recoveries/two-on", two_recoveries("journal.COMMIT.after"), Expect(COMMITTED, exits=(0,))),
    Case("recoveries/of-a-live-move", second_call_meanwhile, Expect(COMMITTED, exits=(0,))),
]
