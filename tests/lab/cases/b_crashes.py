"""kill -9 of vmferry: at random moments here, at every entry and effect in points.py's table.

Alone killed, the worker is survived by its guardian, which puts things right within the same call. Killed
together, they leave it to `rollback --all-incomplete`, as the boot unit runs it.
"""

import time

from casekit.case import BACK, COMMITTED, EITHER, Case, Expect

from cases.points import POINTS, is_decided

RANDOM_CORE, RANDOM_ALL = 5, 30


def crash_at(point, group):
    def story(scene):
        run = scene.migrate(points=[f"{point}={'crash-group' if group else 'crash'}"]).wait()
        if not group:
            return run
        scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
        return scene.settle()
    return story


def random_kill(group):
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


def _cases():
    for point, core in POINTS.items():
        place = COMMITTED if is_decided(point) else BACK
        name = point.replace("@", "#")
        yield Case(f"crash/worker/{name}", crash_at(point, False), Expect(place), core=core)
        yield Case(f"crash/both/{name}", crash_at(point, True), Expect(place), core=core)
    for number in range(1, RANDOM_ALL + 1):
        for group, word in ((False, "worker"), (True, "both")):
            yield Case(f"random/{word}-{number:02}", random_kill(group), Expect(EITHER),
                       core=number <= RANDOM_CORE and group == (number % 2 == 0))


CASES = list(_cases())
