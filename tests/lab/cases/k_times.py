"""How long the guest stands, and how long recovery takes, against what libvirt's own calls take in the same run."""

import re
import statistics

from casekit.case import TOLD, BACK, COMMITTED, Case, Expect
from labkit import shell

TIMES = 5
OUTAGE_MORE_S = 0.5   # over the gap of a move that nothing disturbs
RECOVERY_RATIO = 2.0
MARKER = "urn:vmferry:marker:1"
_TIME = re.compile(r"\(Time: ([\d.]+) ms\)")


def outage(point, place):
    """The worker dies inside the window, its guardian lives: medians of pairs of a plain and a killed move."""
    def story(scene):
        plain, killed = [], []
        for _ in range(TIMES):
            plain.append(_gap_of(scene, lambda: scene.migrate().wait(), COMMITTED))
            killed.append(_gap_of(scene, lambda: scene.migrate(points=[f"{point}=crash"]).wait(), place))
        more = statistics.median(killed) - statistics.median(plain)
        scene.notes.append(f"gap {statistics.median(killed) * 1000:.0f} ms, plain {statistics.median(plain) * 1000:.0f} "
                           f"ms, most {max(killed) * 1000:.0f} ms")
        scene.check(more <= OUTAGE_MORE_S, f"{more * 1000:.0f} ms more than a plain move: {killed}, {plain}")
    return story


def _gap_of(scene, move, place):
    move()
    gap = scene.outage_s()
    scene.judge(place)
    scene.rebase()
    return gap


def recovery(point, place, by_hand):
    """`rollback` after kill -9 of worker and guardian, against the same calls made by hand."""
    def story(scene):
        own, calls = [], []
        for _ in range(TIMES):
            _killed(scene, point)
            own.append(scene.settle().seconds)
            scene.judge(place)
            scene.rebase()
            _killed(scene, point)
            calls.append(sum(_timed(host, scene.guest.name, words) for host, words in by_hand(scene)))
            scene.settle()
            scene.judge(place)
            scene.rebase()
        ratio = statistics.median(own) / statistics.median(calls)
        scene.notes.append(f"rollback {statistics.median(own) * 1000:.0f} ms, calls {statistics.median(calls) * 1000:.0f} "
                           f"ms, ratio {ratio:.2f}")
        scene.check(ratio <= RECOVERY_RATIO, f"rollback takes {ratio:.2f} times its calls: {own}, {calls}")
    return story


def _killed(scene, point):
    scene.migrate(points=[f"{point}=crash-group"]).wait()


def _timed(host, name, words):
    """Seconds that libvirt needs for these commands on one connection, opening it among them."""
    script = "; ".join([f"connect {host.uri('tcp')}", *(word.format(name=name) for word in words)])
    done = shell.run(["virsh", "-t", script])
    return sum(float(found) for found in _TIME.findall(done.stdout)) / 1000


_LOOK = ("domstate --reason {name}", "dominfo {name}", "domjobinfo {name}", "dumpxml {name}")
_UNMARK = f"metadata {{name}} --uri {MARKER} --remove"
# Costs the same, and the rollback that follows still knows whose the copy is.
_UNMARK_OTHER = "metadata {name} --uri urn:lab:none --remove"


def back_by_hand(scene):
    yield scene.target, (*_LOOK, "destroy {name}", "undefine {name}", "list --all")
    yield scene.source, (*_LOOK, "resume {name}", f"{_UNMARK} --live", f"{_UNMARK} --config",
                         "migrate-setmaxdowntime {name} 300", "qemu-monitor-command {name} --hmp info status",
                         "dumpxml {name}", "dumpxml --inactive {name}")


def on_by_hand(scene):
    yield scene.target, (*_LOOK, "resume {name}", "qemu-monitor-command {name} --hmp info status", "domstate {name}",
                         f"{_UNMARK_OTHER} --live", f"{_UNMARK_OTHER} --config")
    yield scene.source, (*_LOOK, "destroy {name}", "undefine {name}", "list --all")


CASES = [
    Case("times/outage-back", outage("journal.COMMIT.before", BACK), Expect(TOLD), again=False),
    Case("times/outage-on", outage("journal.COMMIT.after", COMMITTED), Expect(TOLD), again=False),
    Case("times/recovery-back", recovery("journal.COMMIT.before", BACK, back_by_hand), Expect(TOLD), again=False),
    Case("times/recovery-on", recovery("journal.COMMIT.after", COMMITTED, on_by_hand), Expect(TOLD), again=False),
]
