"""The wall clock of vmferry's machine jumps; its timers are monotonic ones and do not notice.

libfaketime gives one process and its children another wall clock, which follows a file.
"""

import time
from pathlib import Path

from casekit.case import COMMITTED, Case, Expect

_LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), Path("/nonexistent"))


def jumps(by):
    """`by`: libfaketime's offset; it comes while memory flows."""
    def story(scene):
        clock = scene.ferry.directory / "clock"
        clock.write_text("+0s")
        run = scene.migrate(LD_PRELOAD=str(_LIBRARY), FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_NO_CACHE="1",
                            FAKETIME_DONT_FAKE_MONOTONIC="1")
        scene.wait_precopy(run)
        time.sleep(0.3)
        scene.mark(f"the clock jumps by {by}")
        clock.write_text(by)
        scene.hurry()
        run.wait()
        # The stamps show that the clock was vmferry's.
        stamps = scene.ferry.run("audit", "--json").text()
        scene.notes.append(f"journal of {len(stamps)} bytes")
        scene.check_exit(scene.ferry.run("audit", "--verify"), 0)
        return run
    return story


CASES = [Case(f"clock/{name}", jumps(by), Expect(COMMITTED, exits=(0,), outage_s=3.0), slow=True)
         for name, by in (("a-day-on", "+1d"), ("a-day-back", "-1d"))]
