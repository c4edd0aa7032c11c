"""Without the journal, and without any: markers, an old copy of the journal, VMs that virsh left broken, the drill."""

import shutil
import signal
import subprocess
import time
from dataclasses import replace

from casekit.case import BACK, COMMITTED, LOADED, TOLD, Case, Expect
from labkit import faults
from labkit.processes import wait_gone
from labkit.relay import Relay

# Killed there, and what the hosts alone then prove. COMMIT counts only where the target's marker has it.
LOST = {
    "effect.marker:source.after": BACK,
    "effect.migrate.after": BACK,
    "journal.COMMIT.before": BACK,
    "effect.mark-commit:target.before": BACK,
    "effect.mark-commit:target.after": COMMITTED,
    "effect.resume:target.after": COMMITTED,
    "effect.mark-resumed:target.after": COMMITTED,
    "effect.definition:source.after": COMMITTED,
    "effect.autostart:target.after": COMMITTED,
}
CORE_LOST = ("journal.COMMIT.before", "effect.mark-commit:target.after")
OLD_JOURNAL = "VMF-E178"
DRILL_LIMIT_S = 280


def _lose_journal(scene):
    for file in scene.ferry.journal.parent.glob("journal.db*"):
        file.unlink()


def _pair(scene):
    return f"{scene.source.name},{scene.target.name}"


def _from_hosts(scene, *words):
    """A daemon may need its time to notice that its client has gone: until then a job is active, and it waits."""
    for _ in range(10):
        run = scene.ferry.run("rollback", "--from-hosts", _pair(scene), "-y", "--json", *words)
        if run.exit != 75:
            break
        time.sleep(1)
    return run


def journal_lost(point):
    def story(scene):
        run = scene.migrate(points=[f"{point}=crash-group"]).wait()
        scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
        _lose_journal(scene)
        settled = _from_hosts(scene)
        again = _from_hosts(scene)
        scene.check_exit(again, 0)
        scene.check("No marker" in again.text(), f"a second time finds something: {again.last_words()}")
        return settled
    return story


def old_journal(scene):
    """A copy from before a later transaction: it is not acted on, and the markers settle the later one."""
    scene.migrate(points=["journal.COMMIT.before=crash-group"]).wait()
    copy = scene.ferry.directory / "copy.db"
    shutil.copy(scene.ferry.journal, copy)
    scene.check_exit(scene.settle_patiently(), 0)
    scene.migrate(points=["journal.COMMIT.before=crash-group"]).wait()
    _lose_journal(scene)
    shutil.copy(copy, scene.ferry.journal)
    refused = scene.settle()
    scene.check_exit(refused, 30)
    scene.check(OLD_JOURNAL in refused.text() and "--from-hosts" in refused.text(), refused.last_words())
    scene.nobody_runs()
    settled = _from_hosts(scene)
    status = scene.ferry.run("status")
    scene.check("No unfinished" in status.text(), f"the old transaction is still open: {status.last_words()}")
    return settled


def older_within(scene):
    """A copy from before COMMIT of the same transaction, whose target has run since."""
    run, hold = scene.held_at("journal.COMMIT.before")
    copy = scene.ferry.directory / "copy.db"
    shutil.copy(scene.ferry.journal, copy)
    hold.release()
    scene.observer.wait_beat(scene.guest.name, vantage=scene.target.name)
    run.kill()
    _lose_journal(scene)
    shutil.copy(copy, scene.ferry.journal)
    refused = scene.settle()
    if "ended" in refused.text() or refused.exit == 0:
        scene.notes.append("the move was over before it could be killed")
        return None
    scene.check_exit(refused, 30)
    scene.check(OLD_JOURNAL in refused.text(), refused.last_words())
    return _from_hosts(scene)


def two_at_once(scene):
    """One settles it; the other finds it locked, or nothing left to do."""
    scene.migrate(points=["journal.COMMIT.before=crash-group"]).wait()
    runs = [scene.ferry.start("rollback", "--vm", scene.guest.name, "--json") for _ in range(3)]
    codes = sorted(run.wait().exit for run in runs)
    scene.check(0 in codes and set(codes) <= {0, 75}, f"exit codes {codes}")
    return scene.settle()


def two_without_journal(scene):
    """Two machines at once, each with a journal of its own: the same act twice, and one VM."""
    scene.migrate(points=["effect.mark-commit:target.after=crash-group"]).wait()
    _lose_journal(scene)
    other = scene.ferry.directory / "other"
    words = ("rollback", "--from-hosts", _pair(scene), "-y", "--json")
    runs = [scene.ferry.start(*words), scene.ferry.start(*words, "--journal", other / "journal.db")]
    codes = sorted(run.wait().exit for run in runs)
    scene.check(0 in codes and set(codes) <= {0, 22, 75}, f"exit codes {codes}")
    return None


def unreachable(scene):
    """Nothing is started; the text names the host, and the two ways on."""
    scene.migrate(points=["journal.COMMIT.before=crash-group"]).wait()
    name = scene.source.name
    with faults.link_cut(scene.source):
        run = scene.settle()
        scene.check_exit(run, 30)
        scene.nobody_runs()
        for words in (f"{name} gives no answer", "vmferry rollback", f"--host-dead {name}"):
            scene.check(words in run.text(), f"'{words}' is not said: {run.last_words()}")
    return scene.settle_patiently()


# -- what virsh leaves behind --

def _killed_virsh(scene, direction):
    """kill -9 of `virsh migrate` before Finish is sent ("call"), or before its answer is read ("reply")."""
    with Relay(scene.lab, scene.target) as relay:
        rule = relay.rule("finish3", direction, "hold")
        client = subprocess.Popen(["virsh", "-q", "-c", scene.source.uri("tcp"), "migrate", "--live", "--persistent",
                                   "--unsafe", scene.guest.name, relay.uri],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rule.wait()
        client.send_signal(signal.SIGKILL)
        client.wait()
        wait_gone([client.pid])
    scene.mark("virsh is killed")


def _doctor(scene, row):
    """Until no job is active any more; the row must be the one that is named."""
    for _ in range(20):
        run = scene.ferry.run("status", "--doctor", scene.guest.name, "--hosts", _pair(scene), "--json")
        if run.answer.get("action") != "wait":
            break
        time.sleep(0.5)
    scene.check(run.answer.get("row") == row, f"the doctor says {run.answer.get('row')}, not {row}: {run.last_words()}")
    return run


def _repair(scene, *words):
    return scene.ferry.run("rollback", "--vm", scene.guest.name, "--hosts", _pair(scene), "-y", "--json", *words)


def left_standing(scene):
    _killed_virsh(scene, "call")
    seen = _doctor(scene, "stands-alone")
    scene.check(any("rollback --vm" in word for word in seen.answer.get("next", [])), seen.last_words())
    return _repair(scene)


def left_twice(scene):
    """The target runs, the source stands: a human's word is needed, and the copy that runs is not ended by it."""
    _killed_virsh(scene, "reply")
    _doctor(scene, "runs-beside-standing")
    scene.check_exit(_repair(scene), 30)
    scene.check_exit(_repair(scene, "--keep", scene.source.name), 30)
    return _repair(scene, "--keep", scene.target.name)


def twice_defined(scene):
    scene.move()
    xml = scene.ferry.directory / "twin.xml"
    xml.write_text(scene.source.virsh("dumpxml", "--inactive", scene.guest.name))
    scene.target.virsh("define", xml)
    _doctor(scene, "twice-defined")
    return _repair(scene)


def drill(scene):
    """Every write of the journal is a death of the moving vmferry; the VM ends where it was."""
    run = scene.ferry.run("drill", scene.guest.name, scene.target.name, "-c", scene.source.name, "--quick", "--json",
                          limit=DRILL_LIMIT_S)
    answer = run.answer
    rounds = answer.get("rounds", [])
    ends = {one["outcome"] for one in rounds}
    scene.check(answer.get("proved", 0) >= 12, f"{answer.get('proved')} moments were proved: {run.last_words()}")
    scene.check({"committed", "rolled-back", "not-begun"} >= ends >= {"committed", "rolled-back"}, f"outcomes {ends}")
    scene.rebase()
    scene.notes.append(f"{answer.get('proved')} moments, longest recovery {answer.get('longest_recovery_ms')} ms")
    return run


CASES = [
    *(Case(f"lost/{point}", journal_lost(point), Expect(place, exits=(0,)), replace(LOADED, autostart=True),
           core=point in CORE_LOST) for point, place in LOST.items()),
    Case("lost/paused", journal_lost("journal.COMMIT.before"), Expect(BACK, exits=(0,)), replace(LOADED, paused=True)),
    Case("lost/two-at-once", two_without_journal, Expect(COMMITTED)),
    Case("journal/old-copy", old_journal, Expect(BACK, exits=(0,))),
    Case("journal/older-within", older_within, Expect(COMMITTED)),
    Case("recovery/three-at-once", two_at_once, Expect(BACK, exits=(0,))),
    Case("recovery/unreachable", unreachable, Expect(BACK, exits=(0,))),
    Case("virsh/left-standing", left_standing, Expect(BACK, exits=(0,)), core=True),
    Case("virsh/left-twice", left_twice, Expect(COMMITTED, exits=(0,))),
    Case("virsh/twice-defined", twice_defined, Expect(BACK, exits=(0,))),
    Case("drill/quick", drill, Expect(TOLD, exits=(0,)), again=False),
]
