"""VMs that are off: their definition goes from host to host, and at no time both hosts could start them.

The guest is destroyed before each story and started after it where it belongs. The verdict: what both daemons know of
it, field by field, and whether it starts there.
"""

from contextlib import contextmanager
from dataclasses import replace
from xml.etree import ElementTree

from casekit import verify
from casekit.case import BACK, COMMITTED, LOADED, TOLD, Case, Expect
from labkit import faults
from labkit.shell import LabError

from cases.points import check_passes, points_of

SHARED = replace(LOADED, storage="dir", autostart=True)
WITH_SNAPSHOTS = replace(SHARED, disk_format="qcow2")

# Every place at which such a move can be killed, in order.
_RELEASE = (
    "journal.LEDGER", "effect.definition:source", "journal.VERIFIED", "journal.LEDGER", "effect.bolt:target",
    "journal.LEDGER", "effect.autostart:target", "journal.LEDGER", "effect.marker:target",
    "journal.RELEASED", "journal.END")
MOVE = (
    "journal.BEGIN", "journal.LEDGER", "journal.LEDGER",
    "journal.LEDGER", "effect.marker:source", "journal.LEDGER", "effect.autostart:source",
    "journal.LEDGER", "effect.domain:target", "journal.RESERVED", "journal.COMMIT", *_RELEASE)
WAY_BACK = (
    "journal.ADOPT", "journal.NOTE", "journal.UNDOING", "effect.undo.domain:target", "effect.undefine:target",
    "journal.UNDOING", "effect.undo.autostart:source", "journal.UNDOING", "effect.undo.marker:source", "journal.END")
WAY_ON = ("journal.ADOPT", "journal.NOTE", *_RELEASE)
CORE_POINTS = ("effect.domain:target.after", "journal.COMMIT.before", "journal.COMMIT.after",
               "effect.definition:source.after", "effect.bolt:target.before")


def off(scene):
    """From here on the guest is off, and what the hosts know of it now is what is compared."""
    scene.source.virsh("destroy", scene.guest.name)
    scene.before = verify.Before(scene.lab, scene.guest, scene.source, scene.target)
    scene.mark("off")


@contextmanager
def held(scene, point):
    """The move of the VM, shut off, which stands at that point while the block is told."""
    off(scene)
    hold = scene.ferry.hold(point)
    run = scene.migrate(points=[hold])
    hold.wait(run)
    yield run
    hold.release()


def judged(scene, run, place, *exits):
    """The VM is wholly at `place`, off; then it is started there, so that the next story finds it alive."""
    scene.check_exit(run, *exits)
    look = verify.committed_problems if place == COMMITTED else verify.off_problems
    found = verify.until_good(lambda: look(scene.lab, scene.before))
    scene.problems += found + scene.ferry.leftovers() + bolts(scene)
    if place == COMMITTED and not found:
        scene.before = verify.Before(scene.lab, scene.guest, scene.target, scene.source)
    return run


def started(scene, run):
    """It starts where it is."""
    scene.source.virsh("start", scene.guest.name)
    scene.observer.wait_beat(scene.guest.name, 60, vantage=scene.source.name)
    scene.before = verify.Before(scene.lab, scene.guest, scene.source, scene.target)
    return run


def bolts(scene):
    """No host keeps a definition that cannot be started."""
    return [f"a bolt is left on {host.name}" for host in (scene.source, scene.target)
            if "org.vmferry" in host.virsh("dumpxml", "--inactive", scene.guest.name, check=False)]


def there_and_back(scene):
    off(scene)
    for _ in range(2):
        run = judged(scene, scene.migrate().wait(), COMMITTED, 0)
        scene.check(run.answer["location"]["state"] == "shut-off", f"it says {run.answer['location']}")
    return started(scene, run)


def undone(scene):
    """`rollback` of the committed move brings it back."""
    off(scene)
    run = judged(scene, scene.migrate().wait(), COMMITTED, 0)
    back = judged(scene, scene.ferry.run("rollback", run.answer["tx"], "-y", "--json"), COMMITTED, 0)
    return started(scene, back)


def planned(scene):
    """By a sealed plan, which names the steps."""
    off(scene)
    sealed = scene.ferry.directory / "cold.plan"
    run = scene.ferry.run("plan", scene.guest.name, scene.target.name, "-c", scene.source.name, "-O", sealed)
    scene.check_exit(run, 0)
    judged(scene, run, BACK, 0)
    return started(scene, judged(scene, scene.ferry.run("migrate", "--plan", sealed, "--json"), COMMITTED, 0))


def _records(host, guest):
    names = host.virsh("snapshot-list", guest.name, "--name").split()
    current = host.virsh("snapshot-current", guest.name, "--name").strip()
    return {name: _plain(host.virsh("snapshot-dumpxml", guest.name, name)) for name in names}, current


def _plain(text):
    """Without our marker, which a snapshot of a definition could only have from a move."""
    return ElementTree.canonicalize(text, strip_text=True)


def snapshots(scene):
    """Records of snapshots go along, parents first, and the current one stays the current one."""
    off(scene)
    host, guest = scene.source, scene.guest
    for name in ("first", "second", "third"):
        host.virsh("snapshot-create-as", guest.name, name)
    host.virsh("snapshot-current", guest.name, "second")
    scene.before = verify.Before(scene.lab, guest, host, scene.target)
    records, current = _records(host, guest)
    scene.check(current == "second" and len(records) == 3, f"the lab made {sorted(records)}, current {current}")
    run = judged(scene, scene.migrate().wait(), COMMITTED, 0)
    scene.check(_records(scene.source, guest) == (records, current), "the records at the target are not the same")
    scene.source.virsh("snapshot-revert", guest.name, "first")
    for name in records:
        scene.source.virsh("snapshot-delete", guest.name, name)
    return started(scene, run)


def snapshots_back(scene):
    """The way back takes the target's records with the definition, and leaves the source's."""
    off(scene)
    scene.source.virsh("snapshot-create-as", scene.guest.name, "only")
    scene.before = verify.Before(scene.lab, scene.guest, scene.source, scene.target)
    records = _records(scene.source, scene.guest)
    scene.migrate(points=["journal.COMMIT.before=crash-group"]).wait()
    run = judged(scene, scene.settle(), BACK, 0)
    scene.check(_records(scene.source, scene.guest) == records, "the source's records are not the same")
    scene.source.virsh("snapshot-delete", scene.guest.name, "only")
    return started(scene, run)


def bolted(scene):
    """Until the source's definition is gone the target's cannot be started, and says why."""
    with held(scene, "effect.definition:source.before") as run:
        try:
            scene.target.virsh("start", scene.guest.name)
            scene.check(False, "the target's definition could be started while the source had one")
        except LabError as error:
            scene.check("vmferry-moves-this-VM" in str(error), f"it does not say why it does not start: {error}")
    return started(scene, judged(scene, run.wait(), COMMITTED, 0))


def started_at_source(point):
    """Somebody starts the VM where it was: there it stays, and nothing of the move is left."""
    def story(scene):
        with held(scene, point) as run:
            scene.source.virsh("start", scene.guest.name)
            scene.mark("a human has started it")
        run.wait()
        scene.check_exit(run, 20)
        scene.observer.wait_beat(scene.guest.name, 60, vantage=scene.source.name)
        known = scene.target.virsh("domstate", scene.guest.name, check=False)
        scene.check(not known, f"{scene.target.name} knows it: {known}")
        scene.check("enable" in [line.split()[-1] for line in scene.source.virsh(
            "dominfo", scene.guest.name).splitlines() if line.startswith("Autostart")], "autostart is off")
        scene.before = verify.Before(scene.lab, scene.guest, scene.source, scene.target)
        scene.problems += scene.ferry.leftovers() + verify.marker_problems(scene.before.image) + bolts(scene)
        return run
    return story


def undefined_at_target(scene):
    """Somebody removes the target's definition after COMMIT: the source's is still there, and stays."""
    with held(scene, "effect.definition:source.before") as run:
        scene.target.virsh("undefine", scene.guest.name)
        scene.mark("a human has removed the target's definition")
    return started(scene, judged(scene, run.wait(), BACK, 20))


def target_daemon_dies(scene):
    """The target's daemon dies before it gets the definition: the VM stays, and a look at the target is owed."""
    with held(scene, "effect.domain:target.before") as run:
        scene.target.kill_libvirtd()
    run.wait()
    scene.check_exit(run, 21)
    scene.target.start_libvirtd()
    return started(scene, judged(scene, scene.ferry.run("rollback", run.answer["tx"], "--json"), BACK, 0))


def target_daemon_restarts(scene):
    """It is back before it is asked again: the move goes on."""
    with held(scene, "effect.domain:target.before") as run:
        scene.restart_libvirtd(scene.target)
    return started(scene, judged(scene, run.wait(), COMMITTED, 0))


def target_lost(scene):
    """The target host is lost right after COMMIT: in doubt until it is back, then forward."""
    with held(scene, "journal.COMMIT.after") as run:
        faults.lose_host(scene.target)
    run.wait()
    scene.check(run.exit in (22, 30), f"{run}: {run.last_words()}")
    scene.check("shut off" in scene.source.virsh("domstate", scene.guest.name), "the source's definition is gone")
    scene.lab.revive(scene.target)
    # A host that comes up knows its VMs by what is on its disk, and starts those with autostart: none is.
    return started(scene, judged(scene, scene.settle_patiently(), COMMITTED, 0))


def source_lost(scene):
    """The source host is lost right after COMMIT: the VM cannot be started at the target before that is settled."""
    with held(scene, "journal.COMMIT.after") as run:
        faults.lose_host(scene.source)
    run.wait()
    scene.check_exit(run, 22)
    try:
        scene.target.virsh("start", scene.guest.name)
        scene.check(False, "the target could start it while nobody knew about the source")
    except LabError:
        pass
    scene.lab.revive(scene.source)
    return started(scene, judged(scene, scene.ferry.run("rollback", run.answer["tx"], "--json"), COMMITTED, 0))


def without_journal(scene):
    """Without its journal nothing is decided, and nobody can start two of it."""
    off(scene)
    scene.migrate(points=["journal.COMMIT.after=crash-group"]).wait()
    kept = scene.ferry.journal.read_bytes()
    scene.ferry.journal.unlink()
    run = scene.ferry.run("rollback", "--from-hosts", f"{scene.source.name},{scene.target.name}", "-y", "--json")
    scene.check(run.exit != 0, f"it went through: {run.last_words()}")
    scene.check("only its journal tells" in run.text(), f"it does not say why: {run.last_words()}")
    scene.ferry.journal.write_bytes(kept)
    return started(scene, judged(scene, scene.settle(), COMMITTED, 0))


def twin_there(scene):
    """A definition of the same UUID at the target is nobody's to replace."""
    off(scene)
    scene.guest.define(scene.target.name)
    scene.before = verify.Before(scene.lab, scene.guest, scene.source, scene.target)
    run = scene.migrate().wait()
    scene.check_exit(run, 10)
    scene.check("shut off" in scene.target.virsh("domstate", scene.guest.name), "the twin is gone")
    scene.target.virsh("undefine", scene.guest.name)
    return started(scene, run)


def not_shared(scene):
    off(scene)
    run = judged(scene, scene.migrate().wait(), BACK, 10)
    judged(scene, scene.migrate("--copy-storage").wait(), BACK, 10)
    scene.check("VMF-E223" in scene.ferry.runs[-1].text(), f"it says {scene.ferry.runs[-1].last_words()}")
    return started(scene, run)


def nvram_alone(scene):
    """Nobody sends the NVRAM file of a VM that is off: where it is not shared, the VM stays."""
    off(scene)
    run = judged(scene, scene.migrate().wait(), BACK, 10)
    scene.check("VMF-C005" in run.text(), f"it does not speak of the NVRAM file: {run.last_words()}")
    return started(scene, run)


def passes(scene):
    """The list above is what vmferry passes: a new step needs its line there."""
    off(scene)
    run = scene.migrate().wait()
    check_passes(scene, MOVE)
    return started(scene, judged(scene, run, COMMITTED, 0))


def settling_passes(point, expected, place):
    def story(scene):
        off(scene)
        scene.migrate(points=[f"{point}=crash-group"]).wait()
        scene.ferry.point_log.unlink()
        run = scene.settle()
        check_passes(scene, expected)
        return started(scene, judged(scene, run, place, 0))
    return story


def killed(word, point, both):
    def story(scene):
        off(scene)
        place = COMMITTED if _is_decided(word) else BACK
        run = scene.migrate(points=[point.format("crash-group" if both else "crash")]).wait()
        exits = (0,) if place == COMMITTED else (20,) if word != "journal.BEGIN.before" else (20, 0, 1, 70)
        if both:
            scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
            run, exits = scene.settle(), (0,)
        return started(scene, judged(scene, run, place, *exits))
    return story


def killed_again(first, point, place):
    """The settling is cut short as well; who comes next finds enough to finish it."""
    def story(scene):
        off(scene)
        scene.migrate(points=[f"{first}=crash-group"]).wait()
        run = scene.settle(points=[f"{point}=crash-group"])
        scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
        return started(scene, judged(scene, scene.settle(), place, 0))
    return story


def _is_decided(word):
    words = [found for found, _ in points_of(MOVE)]
    return words.index(word) >= words.index("journal.COMMIT.after")


def _case(name, story, guest=SHARED, **options):
    return Case(f"cold/{name}", story, Expect(TOLD), guest, again=False, **options)


def _at_points():
    for word, point in points_of(MOVE):
        yield _case(f"both/{word}", killed(word, point, True), core=word in CORE_POINTS)
        yield _case(f"worker/{word}", killed(word, point, False))
    for point in ("effect.undo.domain:target", "effect.undefine:target", "effect.undo.autostart:source",
                  "effect.undo.marker:source"):
        for moment in ("before", "after"):
            yield _case(f"way-back/{point}.{moment}",
                        killed_again("journal.COMMIT.before", f"{point}.{moment}", BACK))
    for point in ("effect.definition:source", "effect.bolt:target", "effect.autostart:target", "effect.marker:target"):
        for moment in ("before", "after"):
            yield _case(f"way-on/{point}.{moment}",
                        killed_again("journal.COMMIT.after", f"{point}.{moment}", COMMITTED))


CASES = [
    _case("there-and-back", there_and_back, core=True),
    _case("undone", undone),
    _case("planned", planned),
    _case("bolted", bolted, core=True),
    _case("points", passes, core=True),
    _case("points-back", settling_passes("journal.COMMIT.before", WAY_BACK, BACK)),
    _case("points-on", settling_passes("journal.COMMIT.after", WAY_ON, COMMITTED)),
    _case("started/before-definition", started_at_source("effect.domain:target.before")),
    _case("started/before-commit", started_at_source("journal.COMMIT.before"), core=True),
    _case("started/after-commit", started_at_source("journal.COMMIT.after"), core=True),
    _case("started/before-release", started_at_source("effect.definition:source.before")),
    _case("undefined-at-target", undefined_at_target),
    _case("twin", twin_there),
    _case("target-daemon-dies", target_daemon_dies),
    _case("target-daemon-restarts", target_daemon_restarts),
    _case("without-journal", without_journal),
    _case("target-lost", target_lost, fresh=True),
    _case("source-lost", source_lost, fresh=True),
    _case("snapshots", snapshots, WITH_SNAPSHOTS, core=True, fresh=True),
    _case("snapshots-back", snapshots_back, WITH_SNAPSHOTS, fresh=True),
    _case("not-shared", not_shared, replace(LOADED, storage="local")),
    _case("secure", there_and_back, replace(LOADED, storage="dir"), profile="secure"),
    _case("nvram", nvram_alone, replace(LOADED, storage="dir", uefi=True)),
    *_at_points(),
]
