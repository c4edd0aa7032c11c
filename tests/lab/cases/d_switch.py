"""The switch itself: a target that refuses, an answer that is lost, a source that is away, one write."""

import re
import time

from casekit.case import BACK, COMMITTED, Case, Expect
from labkit import faults

# Each attempt to resume the target is refused, however often it is tried.
REFUSED = [f"effect.resume:target.before=error@{number}" for number in range(1, 9)]
# SQLite with journal_mode=DELETE, synchronous=EXTRA: rollback journal twice, its directory twice, the file.
SYNCS_OF_A_COMMIT = 5
_CALL = re.compile(r"^\d+ +(\d+\.\d+) (\w+)\((.*)$")


def refused(scene):
    return scene.migrate(points=REFUSED).wait()


def reply_lost(scene):
    """It runs there, and the answer says nothing: asking shows it."""
    return scene.migrate(points=["effect.resume:target.after=error"]).wait()


def source_away(scene):
    """Killed before COMMIT, and the source does not answer: nothing is started on a guess."""
    scene.migrate(points=["journal.COMMIT.before=crash-group"]).wait()
    with faults.link_cut(scene.source):
        scene.check_exit(scene.settle(), 30)
        scene.nobody_runs()
        # The operator's word that it is dead proves nothing about the target's copy: no COMMIT.
        scene.check_exit(_say_dead(scene), 30)
        scene.nobody_runs()
    return scene.settle()


def source_dead(scene):
    """Killed after COMMIT, and the source is lost: the operator's word lets the target run."""
    source = scene.source
    scene.migrate(points=["journal.COMMIT.after=crash-group"]).wait()
    faults.lose_host(source)
    try:
        scene.check_exit(scene.settle(), 30)
        scene.nobody_runs()
        scene.check_exit(_say_dead(scene), 0, 22)
        scene.observer.wait_beat(scene.guest.name, vantage=scene.target.name)
    finally:
        scene.lab.revive(source)
    return scene.settle()


def _say_dead(scene):
    return scene.ferry.run("rollback", "--vm", scene.guest.name, "--host-dead", scene.source.name, "--json")


def one_write(scene):
    """Between the source's stop and the target's first instruction: one commit of the journal."""
    trace = scene.ferry.directory / "trace"
    run = scene.migrate(wrapper=["strace", "-f", "-ttt", "-y", "-e", "trace=fdatasync,fsync,unlink,rename", "-o",
                                 trace]).wait()
    stopped, resumed = _window(scene, run.begin)
    shift = time.clock_gettime(time.CLOCK_REALTIME) - time.monotonic()
    calls = [match.groups() for match in map(_CALL.match, trace.read_text().splitlines()) if match]
    inside = [(name, words) for when, name, words in calls if stopped <= float(when) - shift <= resumed]
    commits = [words for name, words in inside if name == "unlink" and "-journal" in words]
    syncs = [name for name, _ in inside if name.endswith("sync")]
    scene.notes.append(f"{len(commits)} durable write of {len(syncs)} syncs in {(resumed - stopped) * 1000:.0f} ms")
    scene.check(len(commits) == 1, f"{len(commits)} commits of the journal in the window: {inside}")
    scene.check(len(syncs) <= SYNCS_OF_A_COMMIT, f"{len(syncs)} syncs in the window: {inside}")
    return run


def _window(scene, since):
    """(stop of the source, start of the target), by their QEMUs' events."""
    events = [event for event in scene.observer.events(scene.guest.name) if event.time >= since]
    stopped = next(event.time for event in events if event.event == "STOP" and event.host == scene.source.name)
    resumed = next(event.time for event in events if event.event == "RESUME" and event.host == scene.target.name)
    return stopped, resumed


CASES = [
    Case("switch/refused", refused, Expect(BACK, exits=(20,), outage_s=5.0), core=True),
    Case("switch/reply-lost", reply_lost, Expect(COMMITTED, exits=(0, 22), outage_s=5.0), core=True),
    Case("switch/source-away", source_away, Expect(BACK), core=True),
    Case("switch/source-dead", source_dead, Expect(COMMITTED), core=True),
    Case("switch/one-write", one_write, Expect(COMMITTED, exits=(0,)), core=True),
]
