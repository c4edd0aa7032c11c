"""Every place at which vmferry can be killed: the failpoints of a move, of the way back and of the way on.

The lists are in the order in which they are passed, with repetitions. A case runs each story and compares,
so that a new step of vmferry needs its line here, and with it gets its crash cases.
"""

from dataclasses import replace

from casekit.case import BACK, COMMITTED, LOADED, Case, Expect

# Probes for the shared directory and autostart: the longest way through a move.
WITNESS = replace(LOADED, storage="dir", autostart=True)

_RELEASE = (
    "effect.announce:target", "journal.ANNOUNCED", "journal.VERIFIED",
    "journal.LEDGER", "effect.definition:source", "journal.LEDGER", "effect.autostart:target",
    "journal.LEDGER", "effect.marker:target", "journal.RELEASED", "journal.END")

MOVE = (
    "journal.BEGIN", "journal.LEDGER", "journal.LEDGER",
    "journal.LEDGER", "effect.marker:source", "journal.LEDGER", "effect.autostart:source",
    "journal.LEDGER", "effect.downtime:source", "journal.LEDGER", "effect.domain:target",
    "journal.RESERVED", "journal.SWITCH_INTENT", "effect.migrate",
    "journal.COMMIT", "effect.mark-commit:target", "effect.resume:target", "effect.release", "journal.RESUMED",
    "effect.mark-resumed:target", *_RELEASE)

WAY_BACK = (
    "journal.ADOPT", "journal.NOTE", "journal.ABORT_INTENT",
    "journal.UNDOING", "effect.undo.domain:target", "effect.destroy:target", "effect.undefine:target",
    "effect.resume:source",
    "journal.UNDOING", "effect.undo.downtime:source",
    "journal.UNDOING", "effect.undo.autostart:source",
    "journal.UNDOING", "effect.undo.marker:source", "journal.END")

WAY_ON = (
    "journal.ADOPT", "journal.NOTE", "effect.mark-commit:target", "effect.resume:target", "journal.RESUMED",
    "effect.mark-resumed:target", "effect.destroy:source", *_RELEASE)

# A slow machine may need another downtime limit before the memory converges; its entry comes before it.
_SOMETIMES = ["journal.NOTE", "effect.raise-downtime:source"]


def points_of(passes):
    """(case's word, failpoint's name with the number of its hit), in order."""
    seen = {}
    for name in passes:
        seen[name] = seen.get(name, 0) + 1
        for moment in ("before", "after"):
            word = f"{name}.{moment}"
            yield (word if passes.count(name) == 1 else f"{word}#{seen[name]}"), f"{word}={{}}@{seen[name]}"


def is_decided(word):
    """From the durable COMMIT on the target owns the VM."""
    words = [found for found, _ in points_of(MOVE)]
    return words.index(word) >= words.index("journal.COMMIT.after")


def check_passes(scene, passes):
    """vmferry has passed these points and no others."""
    passed = [name.removesuffix(".before") for _, name in scene.ferry.passed_points() if name.endswith(".before")]
    while _SOMETIMES[1] in passed:
        place = passed.index(_SOMETIMES[1])
        scene.check(passed[place - 1] == _SOMETIMES[0], f"{passed[place - 1]} comes before a raise")
        del passed[place - 1:place + 1]
    missing = [name for name in set(passed) if passed.count(name) > passes.count(name)]
    gone = [name for name in set(passes) if passes.count(name) > passed.count(name)]
    scene.check(not missing, f"vmferry passes points that cases/points.py has not: {sorted(missing)}")
    scene.check(not gone, f"cases/points.py has points that vmferry does not pass: {sorted(gone)}")


def _move_passes(scene):
    run = scene.migrate().wait()
    check_passes(scene, MOVE)
    return run


def _settling_passes(point, passes):
    def story(scene):
        scene.migrate(points=[f"{point}=crash-group"]).wait()
        scene.ferry.point_log.unlink()
        run = scene.settle()
        check_passes(scene, passes)
        return run
    return story


CASES = [
    Case("points/move", _move_passes, Expect(COMMITTED, exits=(0,)), WITNESS, core=True, again=False),
    Case("points/way-back", _settling_passes("journal.COMMIT.before", WAY_BACK), Expect(BACK, exits=(0,)), WITNESS),
    Case("points/way-on", _settling_passes("journal.COMMIT.after", WAY_ON), Expect(COMMITTED, exits=(0,)), WITNESS),
]
