"""Disks of a running VM move to another datastore of its host, and whatever happens they end on one side.

Two disks, qcow2 and raw, of a guest that writes to both all the time. The verdict: what libvirt says of the running
instance and of its definition, which files there are, and every acknowledged write of the guest.
"""

import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from casekit import verify
from casekit.case import LOADED, TOLD, Case, Expect
from labkit import faults
from labkit.shell import LabError

from cases.points import points_of

TWO_DISKS = replace(LOADED, storage="local", disk_format=("qcow2", "raw"), dirty_mib_s=0)
SLOW = "--bwlimit=1MiB"

# Every place at which a storage-move can be killed, in order.
MOVE = (
    "journal.BEGIN", "journal.LEDGER", "effect.marker:source",
    "journal.LEDGER", "effect.image:vda", "journal.LEDGER", "effect.image:vdb", "journal.RESERVED",
    "journal.LEDGER", "effect.mirror:vda", "journal.LEDGER", "effect.mirror:vdb", "journal.ALL_READY",
    "journal.PIVOT_INTENT", "effect.suspend:source", "effect.pivot:vda", "effect.pivot:vdb",
    "journal.COMMIT", "effect.resume:source", "journal.RESUMED", "journal.VERIFIED",
    "journal.LEDGER", "effect.old-images:source", "journal.LEDGER", "effect.marker:target",
    "journal.RELEASED", "journal.END")
# The first disk that uses its new image, while the guest stands and the other copy is complete, takes all along.
FIRST_CHANGE = "effect.pivot:vda.after"
CORE_POINTS = ("journal.PIVOT_INTENT.after", "effect.pivot:vda.after", "journal.COMMIT.after",
               "effect.old-images:source.before")


class Move:
    """One storage-move of the scene's guest, from where its disks are to a directory beside."""

    def __init__(self, scene):
        self.scene = scene
        self.host = scene.source
        self.guest = scene.guest
        self.old = {disk["target"]: (disk["path"], disk["format"]) for disk in self.guest.disks}
        self.directory = Path("/var/lib/libvirt/images") / f"to{time.monotonic_ns()}"
        self.host.run(["mkdir", self.directory])
        self.new = {target: (str(self.directory / Path(path).name), kind) for target, (path, kind) in self.old.items()}
        self.files = self._files()

    def start(self, *words, **options):
        return self.scene.ferry.start("storage-move", self.guest.name, "--to", self.directory, "-c", self.host.name,
                                      "--json", *words, **options)

    def _files(self):
        root = self.host.path("/var/lib/libvirt/images")
        return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}

    def used(self, inactive=False):
        """{target: (path, format)} of the running instance, or of the definition."""
        text = self.host.virsh("dumpxml", self.guest.name, *(["--inactive"] if inactive else []))
        found = {}
        for disk in ElementTree.fromstring(text).iter("disk"):
            if disk.find("mirror") is not None:
                self.scene.problems.append(f"disk {disk.find('target').get('dev')} is still being copied")
            found[disk.find("target").get("dev")] = (disk.find("source").get("file"), disk.find("driver").get("type"))
        return found

    def judge(self, moved, running=True):
        """All on one side, in both definitions, and the images of the other side are gone."""
        scene, wanted = self.scene, self.new if moved else self.old
        for word, inactive in (("instance", False), ("definition", True)):
            if running or inactive:
                seen = self.used(inactive)
                scene.check(seen == wanted, f"the {word} uses {seen}, not {wanted}")
        self._judge_files(moved)
        pools = self.host.virsh("pool-list", "--all", "--name").split()
        scene.check(not [name for name in pools if "vmferry" in name], f"pools are left: {pools}")
        scene.check("urn:vmferry" not in self.host.virsh("dumpxml", self.guest.name, "--inactive"), "the marker is left")
        scene.problems += scene.ferry.leftovers()
        for disk in self.guest.disks:
            disk["path"], disk["format"] = wanted[disk["target"]]
        if running:
            scene.problems += verify.copies_problems(scene.observer, self.guest, self.host)
            scene.problems += verify.alive_problems(scene.observer, self.guest, self.host, time.monotonic())
            if not moved:
                # The size of a qcow2 file grows with what the guest writes; whose it is, the inventory says.
                found = verify.until_good(lambda: verify.back_problems(scene.lab, scene.before))
                scene.problems += [text for text in found if not text.startswith("files: ")]
        scene.problems += verify.guest_problems(scene.observer, self.guest, self.host)

    def _judge_files(self, moved):
        root = self.host.path("/var/lib/libvirt/images")
        sides = [{str(self.host.path(path).relative_to(root)) for path, _ in side.values()}
                 for side in (self.old, self.new)]
        wanted = self.files - sides[0] | sides[1] if moved else self.files
        found = self._files()
        self.scene.check(found == wanted, f"left over: {sorted(found - wanted)}, missing: {sorted(wanted - found)}")


def there_and_back(scene):
    move = Move(scene)
    run = move.start().wait()
    scene.check_exit(run, 0)
    move.judge(True)
    stun = run.answer.get("downtime_ms")
    scene.notes.append(f"stun {stun} ms for two disks, gap {scene.outage_s() * 1000:.0f} ms")
    run = scene.ferry.run("rollback", run.answer["tx"], "-y", "--json")
    scene.check_exit(run, 0)
    move.old, move.new, move.files = move.new, move.old, move._files() | set()
    for disk in move.guest.disks:
        disk["path"], disk["format"] = move.new[disk["target"]]
    scene.check(move.used() == move.new, f"after the way back the instance uses {move.used()}")
    scene.problems += verify.guest_problems(scene.observer, move.guest, move.host)
    return run


def other_format(scene):
    """Both become qcow2: the raw one changes its ending with its format."""
    move = Move(scene)
    move.new = {target: (path.replace(".raw", ".qcow2"), "qcow2") for target, (path, _) in move.new.items()}
    run = move.start("--format", "qcow2", "--sync-writes").wait()
    move.judge(True)
    return run


def _moved_at(word):
    words = [found for found, _ in points_of(MOVE)]
    return words.index(word) >= words.index(FIRST_CHANGE)


def killed(word, point, both):
    def story(scene):
        move = Move(scene)
        run = move.start(points=[point.format("crash-group" if both else "crash")]).wait()
        if both:
            scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
            run = scene.settle()
            scene.check_exit(run, 0)
        elif word != "journal.BEGIN.before":
            scene.check_exit(run, 0 if _moved_at(word) else 20)
        move.judge(_moved_at(word))
        return run
    return story


def stopped_while_copying(scene):
    move = Move(scene)
    run = _held_copying(scene, move)
    move.host.virsh("destroy", move.guest.name)
    run.wait()
    scene.check_exit(run, 20)
    move.judge(False, running=False)
    return run


def _held_copying(scene, move):
    """A move that copies, slowly."""
    run = move.start(SLOW)
    deadline = time.monotonic() + 20
    while "<mirror" not in move.host.virsh("dumpxml", move.guest.name):
        if run.ended() or time.monotonic() > deadline:
            raise LabError(f"nothing is copied: {run.last_words()}")
        time.sleep(0.02)
    scene.mark("copying")
    return run


def stopped_between_pivots(scene):
    """The definition names a mixture, which is right: started again, it is made whole while it runs."""
    move = Move(scene)
    hold = scene.ferry.hold("effect.pivot:vdb.before")
    run = move.start(points=[hold])
    hold.wait(run)
    move.host.virsh("destroy", move.guest.name)
    hold.release()
    run.wait()
    scene.check_exit(run, 30)
    mixture = {"vda": move.new["vda"], "vdb": move.old["vdb"]}
    seen = move.used(inactive=True)
    scene.check(seen == mixture, f"the definition names {seen}, not {mixture}")
    move.host.virsh("start", move.guest.name)
    scene.observer.wait_beat(move.guest.name, 60)
    scene.settle()
    run = scene.settle()  # It was another instance: the new images had been kept as debts.
    scene.check_exit(run, 0)
    scene.check(move.used() == move.old and move.used(inactive=True) == move.old, f"it uses {move.used()}: {run}")
    move._judge_files(False)
    return run


def target_full(scene):
    move = Move(scene)
    with faults.small_disk(move.host, str(move.directory), size_mib=96) as place:
        run = _held_copying(scene, move)
        with open(place / "filler", "wb") as file:
            try:
                while file.write(bytes(1 << 16)):
                    file.flush()
            except OSError:
                pass
        scene.mark("the target is full")
        run.wait()
        (place / "filler").unlink(missing_ok=True)
        left = [path.name for path in place.iterdir() if path.name != "lost+found"]
        scene.check(not left, f"left over: {left}")
    scene.check_exit(run, 20)
    move.judge(False)
    return run


def pivot_refused(scene):
    """The second disk's copy is gone when it should change: the first one comes back, with all that was written."""
    move = Move(scene)
    hold = scene.ferry.hold("effect.pivot:vdb.before")
    run = move.start(points=[hold])
    hold.wait(run)
    move.host.virsh("blockjob", move.guest.name, "vdb", "--abort")
    hold.release()
    run.wait()
    scene.check_exit(run, 20)
    move.judge(False)
    return run


def interrupted(scene):
    move = Move(scene)
    run = _held_copying(scene, move)
    run.signal_group(2)
    run.wait()
    scene.check_exit(run, 130)
    move.judge(False)
    return run


def stale_definition(scene):
    """libvirt's definition names the old image after the change: it is noticed before the guest runs on."""
    move = Move(scene)
    hold = scene.ferry.hold("effect.pivot:vdb.after")
    run = move.start(points=[hold])
    hold.wait(run)
    text = move.host.virsh("dumpxml", move.guest.name, "--inactive")
    stale = move.host.work / "stale.xml"
    stale.write_text(text.replace(move.new["vda"][0], move.old["vda"][0]))
    move.host.virsh("define", str(stale))
    stale.unlink()
    hold.release()
    run.wait()
    scene.check_exit(run, 0)
    move.judge(True)
    return run


def rebooted(scene):
    """Right after COMMIT the host goes down; with autostart the VM comes up on its new images."""
    move = Move(scene)
    move.host.virsh("autostart", move.guest.name)
    run = move.start(points=["journal.COMMIT.after=crash-group"]).wait()
    faults.lose_host(move.host)
    scene.lab.revive(move.host)
    scene.observer.wait_beat(move.guest.name, 90)
    scene.check(move.used() == move.new, f"it started from {move.used()}")
    run = scene.settle()
    scene.check_exit(run, 0)
    move._judge_files(True)
    return run


def _case(name, story, exits=(), **options):
    return Case(f"storage/{name}", story, Expect(TOLD, exits), TWO_DISKS, again=False, **options)


def _at_points():
    for word, point in points_of(MOVE):
        core = word in CORE_POINTS
        yield _case(f"both/{word}", killed(word, point, True), core=core)
        yield _case(f"worker/{word}", killed(word, point, False))


CASES = [
    _case("there-and-back", there_and_back, (0,), core=True, fresh=True),
    _case("other-format", other_format, (0,), fresh=True),
    _case("stale-definition", stale_definition, (0,)),
    _case("stopped-while-copying", stopped_while_copying, fresh=True),
    _case("stopped-between-pivots", stopped_between_pivots, fresh=True),
    _case("target-full", target_full),
    _case("pivot-refused", pivot_refused, core=True),
    _case("interrupted", interrupted),
    _case("rebooted", rebooted, fresh=True),
    *_at_points(),
]
