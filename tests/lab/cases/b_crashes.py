"""kill -9 of vmferry: at every entry and effect of points.py's tables, in recovery too, and at random.

Alone killed, the worker is survived by its guardian, which puts things right within the same call. Killed
together, they leave it to `rollback --all-incomplete`, as the boot unit runs it.
"""

import time

from casekit.case import BACK, COMMITTED, EITHER, Case, Expect

from cases.points import MOVE, WAY_BACK, WAY_ON, WITNESS, is_decided, points_of

RANDOM_CORE, RANDOM_ALL = 5, 30
GUARDED_EXITS = {BACK: (20,), COMMITTED: (0,)}
# Nothing is in the journal yet: there is nothing to settle, the VM is untouched.
UNTOUCHED = "journal.BEGIN.before"
# Where the worker alone is killed in `tests/run`; both together are killed there after every entry.
CORE_WORKER = ("effect.marker:source.after", "journal.COMMIT.before", "journal.COMMIT.after",
               "effect.resume:target.after", "effect.release.after", "effect.definition:source.before")
# Where virsh can be killed as well, and what it leaves is told.
PLAIN = ("effect.migrate.before", "journal.COMMIT.before", "effect.release.after")
CORE_RECOVERY = ("effect.destroy:target.after", "effect.resume:source.after", "effect.destroy:source.after")


def killed_worker(point):
    def story(scene):
        return scene.migrate(points=[point.format("crash")]).wait()
    return story


def killed_both(point):
    def story(scene):
        run = scene.migrate(points=[point.format("crash-group")]).wait()
        scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
        return scene.settle()
    return story


def killed_again(first, point):
    """The way back, or on, is cut short as well. Whoever comes next finds enough to finish it."""
    def story(scene):
        scene.migrate(points=[f"{first}=crash-group"]).wait()
        run = scene.settle(points=[point.format("crash-group")])
        scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
        return scene.settle()
    return story


def killed_at_random(group):
    """A moment drawn from the time a move takes just now; both directions get their share."""
    def story(scene):
        span = scene.move().seconds
        moment = scene.random.uniform(0, span)
        scene.notes.append(f"killed after {moment:.3f} of {span:.3f} s")
        run = scene.migrate()
        time.sleep(max(0.0, run.begin + moment - time.monotonic()))
        scene.mark("kill -9")
        if not run.ended() and group:
            run.kill()
        elif not run.ended():
            run.kill_worker()
        run.wait()
        return scene.settle() if group else run
    return story


def _at_points():
    for word, point in points_of(MOVE):
        place = COMMITTED if is_decided(word) else BACK
        exits = () if word == UNTOUCHED else GUARDED_EXITS[place]
        yield Case(f"crash/worker/{word}", killed_worker(point), Expect(place, exits), WITNESS,
                   core=word in CORE_WORKER)
        is_entry = word.startswith("journal.") and ".after" in word
        yield Case(f"crash/both/{word}", killed_both(point), Expect(place, (0,)), WITNESS, core=is_entry,
                   plain=f"crash/both/{word}" if word in PLAIN else "")


def _in_recovery():
    for way, first, passes, place in (("back", "journal.COMMIT.before", WAY_BACK, BACK),
                                      ("on", "journal.COMMIT.after", WAY_ON, COMMITTED)):
        for word, point in points_of(passes):
            yield Case(f"crash/way-{way}/{word}", killed_again(first, point), Expect(place, (0,)), WITNESS,
                       core=word in CORE_RECOVERY)


def _at_random():
    for number in range(1, RANDOM_ALL + 1):
        yield Case(f"random/worker-{number:02}", killed_at_random(False), Expect(EITHER),
                   core=number <= RANDOM_CORE and number % 2 == 1)
        yield Case(f"random/both-{number:02}", killed_at_random(True), Expect(EITHER),
                   core=number <= RANDOM_CORE and number % 2 == 0)


CASES = [*_at_points(), *_in_recovery(), *_at_random()]
