"""What stands around a move - hooks, events, the background - with moves that really happen."""

import json
import subprocess
from pathlib import Path

from casekit.case import BACK, COMMITTED, Case, Expect

VALIDATE = Path(__file__).resolve().parents[2] / "cli/validate.py"


def _record_hooks(scene):
    """Two hooks that write down when they are called."""
    calls = scene.ferry.directory / "calls"
    for name in ("10-first", "20-second"):
        scene.ferry.add_hook(name, f'echo "{name} $1" >>{calls}')
    return calls


def hooks_told(scene):
    calls = _record_hooks(scene)
    run = scene.migrate().wait()
    told = calls.read_text().split("\n")[:-1]
    wanted = [f"{name} {event}" for event in ("precheck", "reserve", "post-switch", "verify", "done")
              for name in ("10-first", "20-second")]
    scene.check(told == wanted, f"hooks were told {told}")
    return run


def hook_refuses(scene):
    """After the checks, before anything is created: 10, and those that agreed hear of the end."""
    calls = _record_hooks(scene)
    scene.ferry.add_hook("30-no", 'test "$1" != reserve')
    run = scene.migrate().wait()
    told = calls.read_text().split("\n")[:-1]
    scene.check(told[-2:] == ["20-second rollback", "10-first rollback"], f"hooks were told {told}")
    return run


def hook_fails_at_the_end(scene):
    """The VM has moved all the same; nothing is owed, so nobody is told to roll back."""
    scene.ferry.add_hook("10-late", 'test "$1" != done')
    run = scene.migrate().wait()
    scene.check("vmferry rollback" not in run.text().split("Next:")[-1], "the next step would undo the move")
    return run


def hook_finds_fault(scene):
    """Its own verification fails: the VM stays where it is and runs, the source is clean, and it is said."""
    calls = _record_hooks(scene)
    scene.ferry.add_hook("30-service", 'test "$1" != verify')
    run = scene.migrate().wait()
    told = calls.read_text().split("\n")[:-1]
    scene.check(told[-2:] == ["10-first done", "20-second done"], f"hooks were told {told}")
    scene.check("30-service" in run.text(), f"no word of it: {run.last_words()}")
    return run


def hooks_after_a_crash(scene):
    """The worker dies while memory is in flight: the guardian puts the VM back and tells the hooks."""
    calls = _record_hooks(scene)
    run = scene.migrate()
    scene.wait_precopy(run)
    run.kill_worker()
    run.wait()
    told = calls.read_text().split("\n")[:-1]
    scene.check(told[-2:] == ["20-second rollback", "10-first rollback"], f"hooks were told {told}")
    return run


def detached(scene):
    run = scene.migrate("--detach").wait(limit=20)
    scene.check_exit(run, 0)
    return scene.ferry.run("status", run.answer["tx"], "--wait")


def events(scene):
    file = scene.ferry.directory / "events"
    run = scene.migrate("--events", file).wait()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    types = [line["type"] for line in lines]
    scene.check([line["seq"] for line in lines] == list(range(len(lines))), "seq has gaps")
    scene.check("progress" in types, "there is no progress")
    scene.check(0 < types.index("commit") < types.index("pnr"), f"no commit before the point of no return: {types}")
    scene.check(types[-1] == "result" and lines[-1]["exit_code"] == 0, "the last line is no good result")
    told = subprocess.run([VALIDATE, "events"], stdin=file.open(), capture_output=True, text=True, check=False)
    scene.check(told.returncode == 0, told.stdout + told.stderr)
    return run


CASES = [
    Case("hooks/told", hooks_told, Expect(COMMITTED, exits=(0,)), core=True),
    Case("hooks/refused", hook_refuses, Expect(BACK, exits=(10,)), core=True, again=False),
    Case("hooks/fails-at-end", hook_fails_at_the_end, Expect(COMMITTED, exits=(22,)), again=False),
    Case("hooks/verify-fails", hook_finds_fault, Expect(COMMITTED, exits=(22,)), again=False),
    Case("hooks/crash", hooks_after_a_crash, Expect(BACK, exits=(20,)), slow=True, again=False),
    Case("background/detached", detached, Expect(COMMITTED, exits=(0,))),
    Case("events/whole-move", events, Expect(COMMITTED, exits=(0,)), slow=True),
]
