"""The journal's disk fails under a move: at each write from some write on, or once.

strace lets the n-th call on the journal's files fail, and only on them. The simulator fails each single call of
SQLite; here it is the real kernel's answer to the real binary.
"""

from casekit.case import EITHER, Case, Expect

# Calls of one move: fdatasync and pwrite64 on journal.db and journal.db-journal; the last ones are past the end.
_SYNCS = (1, 8, 16, 24, 32)
_WRITES = (5, 40, 80, 120)
_CORE = 24


def failing(call, error, when):
    """EIO or ENOSPC from vmferry's own disk: it ends whole, and the next one with a good disk closes the books."""
    def story(scene):
        journal = scene.ferry.journal
        wrapper = ["strace", "-f", "-qq", "-o", scene.ferry.directory / "trace", "-P", journal, "-P",
                   f"{journal}-journal", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}"]
        run = scene.migrate(wrapper=wrapper).wait()
        injected = (scene.ferry.directory / "trace").read_text().count("INJECTED")
        scene.notes.append(f"{injected} calls failed")
        scene.check(run.exit in (0, 20, 21, 22, 30, 74), f"{run}: {run.last_words()}")
        scene.notes.append(f"at first exit {run.exit}")
        return scene.settle_patiently()
    return story


CASES = [
    *(Case(f"disk/eio-from-sync-{when}", failing("fdatasync", "EIO", f"{when}+"), Expect(EITHER), core=when == _CORE)
      for when in _SYNCS),
    *(Case(f"disk/eio-once-at-sync-{when}", failing("fdatasync", "EIO", str(when)), Expect(EITHER))
      for when in _SYNCS),
    *(Case(f"disk/full-from-write-{when}", failing("pwrite64", "ENOSPC", f"{when}+"), Expect(EITHER))
      for when in _WRITES),
]
