"""Debian's default security settings: whoever ends a copy, the image belongs to the emulator that goes on.

The judges compare owner, mode and attributes of each image with the before image: a daemon that ends its copy gives
the files back to root, unless it knows that another host uses them.
"""

import signal
from dataclasses import replace

from casekit.case import BACK, COMMITTED, LOADED, Case, Expect

from cases.b_crashes import killed_both, killed_worker
from cases.e_signals import stopped_in_precopy

BEFORE, AFTER = "journal.COMMIT.before={}", "journal.COMMIT.after={}"
_STORIES = {"killed-before-commit": (killed_both(BEFORE), BACK, (0,), False),
            "killed-after-commit": (killed_both(AFTER), COMMITTED, (0,), False),
            "guardian-back": (killed_worker(BEFORE), BACK, (20,), False),
            "guardian-on": (killed_worker(AFTER), COMMITTED, (0,), False),
            "stopped": (stopped_in_precopy(signal.SIGINT), BACK, (130,), True)}

CASES = [Case(f"secure/{storage}/{name}", story, Expect(place, exits), replace(LOADED, storage=storage), slow=slow,
              profile="secure", core=(storage, name) in (("gluster", "killed-before-commit"), ("dir", "killed-after-commit")))
         for storage in ("gluster", "dir") for name, (story, place, exits, slow) in _STORIES.items()]
