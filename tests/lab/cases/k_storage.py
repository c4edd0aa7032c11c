"""Disks of a running VM move to another datastore of its host, and whatever happens they end on one side.

Two disks, qcow2 and raw, of a guest that writes to both all the time. The verdict: what libvirt says of the running
instance and of its definition, which files there are, and every acknowledged write of the guest.
"""

import os
import re
import signal
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from casekit import verify
from casekit.case import LOADED, TOLD, Case, Expect
from labkit import faults
from labkit.guest import OVERLAY
from labkit.shell import LabError

from cases.points import points_of

TWO_DISKS = replace(LOADED, storage="local", disk_format=("qcow2", "raw"), dirty_mib_s=0)
FOUR_DISKS = replace(TWO_DISKS, disk_format=("qcow2", "raw", OVERLAY, "raw"))
CHAINED = replace(TWO_DISKS, disk_format=(OVERLAY, "raw"))
SLOW = "--bwlimit=1MiB"
FULL_SPEED = "disk 1"  # a synced write to each disk every millisecond, as far as the disks can

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

    def definition(self, inactive=False):
        return ElementTree.fromstring(
            self.host.virsh("dumpxml", self.guest.name, *(["--inactive"] if inactive else [])))

    def mirrors(self):
        """{target: (path, ready)} of copies under way."""
        found = {disk.find("target").get("dev"): disk.find("mirror") for disk in self.definition().iter("disk")}
        return {target: (mirror.find("source").get("file"), mirror.get("ready") == "yes")
                for target, mirror in found.items() if mirror is not None}

    def used(self, inactive=False, tickets=False):
        """{target: (path, format)} of the running instance, or of the definition."""
        found = {}
        for disk in self.definition(inactive).iter("disk"):
            if disk.find("mirror") is not None and not tickets:
                self.scene.problems.append(f"disk {disk.find('target').get('dev')} is still being copied")
            found[disk.find("target").get("dev")] = (disk.find("source").get("file"), disk.find("driver").get("type"))
        return found

    def judge(self, moved, running=True, same=True):
        """All on one side, in both definitions, and the images of the other side are gone."""
        scene, wanted = self.scene, self.new if moved else self.old
        for word, inactive in (("instance", False), ("definition", True)):
            if running or inactive:
                seen = self.used(inactive)
                scene.check(seen == wanted, f"the {word} uses {seen}, not {wanted}")
        self.judge_leftovers(moved)
        self.settle_record(moved)
        if running:
            scene.problems += verify.copies_problems(scene.observer, self.guest, self.host)
            scene.problems += verify.alive_problems(scene.observer, self.guest, self.host, time.monotonic())
            if not moved and same:
                # The size of a qcow2 file grows with what the guest writes; whose it is, the inventory says. A disk
                # that went there and back has another node in QEMU.
                found = verify.until_good(lambda: verify.back_problems(scene.lab, scene.before))
                scene.problems += [text for text in found
                                   if not text.startswith("files: ") and not re.search(r"live_xml: .<source.* index=", text)]
        scene.problems += verify.guest_problems(scene.observer, self.guest, self.host)

    def judge_leftovers(self, moved):
        """Files of one side, and nothing else of vmferry's."""
        scene = self.scene
        self._judge_files(moved)
        pools = self.host.virsh("pool-list", "--all", "--name").split()
        scene.check(not [name for name in pools if "vmferry" in name], f"pools are left: {pools}")
        scene.check("urn:vmferry" not in self.host.virsh("dumpxml", self.guest.name, "--inactive"), "the marker is left")
        scene.problems += scene.ferry.leftovers()

    def settle_record(self, moved):
        """The guest's own record says where its disks are."""
        for disk in self.guest.disks:
            disk["path"], disk["format"] = (self.new if moved else self.old)[disk["target"]]

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
    move.settle_record(True)
    return run


def four_disks(scene):
    """qcow2, raw and an overlay, of a guest that writes as fast as it can: one pause for all."""
    scene.guest.command(FULL_SPEED)
    move = Move(scene)
    run = move.start().wait()
    scene.check_exit(run, 0)
    move.judge(True)
    scene.notes.append(f"stun {run.answer.get('downtime_ms')} ms for four disks")
    backing = move.guest.disks[2]["backing"]
    scene.check(move.host.path(backing).exists(), "the backing image is gone")
    return run


def one_of_four_refused(scene):
    scene.guest.command(FULL_SPEED)
    move = Move(scene)
    hold = scene.ferry.hold("effect.pivot:vdc.before")
    run = move.start(points=[hold])
    hold.wait(run)
    move.host.virsh("blockjob", move.guest.name, "vdc", "--abort")
    hold.release()
    run.wait()
    scene.check_exit(run, 20)
    # The overlay did not change; what did comes back, with the chain's top as it was.
    move.judge(False)
    return run


def without_backing(scene):
    """Only what lies above the backing image is copied, and the new image stands on the same one."""
    move = Move(scene)
    run = move.start("--shallow").wait()
    scene.check_exit(run, 0)
    move.judge(True)
    backing = move.guest.disks[0]["backing"]
    for inactive in (False, True):
        disk = next(move.definition(inactive).iter("disk"))
        below = disk.find("backingStore/source")
        scene.check(below is None and inactive or below is not None and below.get("file") == backing,
                    f"the chain is not as it was (inactive: {inactive})")
    told = move.host.run(["qemu-img", "info", "-U", move.new["vda"][0]]).stdout
    scene.check(f"backing file: {backing}" in told, f"the new image does not name {backing}: {told}")
    return run


def _go_back(scene, move, transaction, same=True):
    """`rollback` of a move whose old images were kept: onto the very files. `same`: the instance is."""
    run = scene.ferry.run("rollback", transaction, "-y", "--json")
    scene.check_exit(run, 0)
    move.judge(False, same=same)
    status = scene.ferry.run("status", "--json")
    scene.check(not status.answer.get("transactions"), f"status still shows {status.answer.get('transactions')}")
    return run


def _keep(scene, *words):
    """A move that keeps the old images, and what is seen of it."""
    move = Move(scene)
    run = move.start(*words).wait()
    scene.check_exit(run, 0)
    for inactive in (False, True):
        seen = move.used(inactive, tickets=True)
        scene.check(seen == move.new, f"it uses {seen}")
    for path, _ in move.old.values():
        scene.check(move.host.path(path).exists(), f"{path} was not kept")
    status = scene.ferry.run("status", "--json")
    kept = [path for line in status.answer["transactions"] for path in line["kept"]]
    scene.check(sorted(kept) == sorted(path for path, _ in move.old.values()), f"status says that {kept} is kept")
    return move, run.answer["tx"]


def kept(scene):
    move, transaction = _keep(scene, "--keep-source")
    scene.check(not move.mirrors(), "there is a mirror, and nobody asked for a ticket")
    time.sleep(1)
    return _go_back(scene, move, transaction)


def return_ticket(scene):
    """The old images follow each write; the way back is one pause, also for a guest that writes at full speed."""
    scene.guest.command(FULL_SPEED)
    move, transaction = _keep(scene, "--return-ticket")
    _wait_for_tickets(scene, move)
    run = _go_back(scene, move, transaction)
    scene.notes.append(f"stun of the way back {run.answer.get('downtime_ms')} ms, "
                       f"in all {run.answer.get('duration_ms')} ms")
    return run


def _wait_for_tickets(scene, move):
    wanted = {target: (path, True) for target, (path, _) in move.old.items()}
    deadline = time.monotonic() + 30
    while move.mirrors() != wanted:
        if time.monotonic() > deadline:
            raise LabError(f"the old images do not follow: {move.mirrors()}")
        time.sleep(0.05)


def void_ticket(scene):
    """A VM that was stopped has no ticket any more: the way back is a copy, and loses nothing either."""
    move, transaction = _keep(scene, "--return-ticket")
    move.host.virsh("destroy", move.guest.name)
    move.host.virsh("start", move.guest.name)
    scene.observer.wait_beat(move.guest.name, 60)
    return _go_back(scene, move, transaction, same=False)


def released(scene):
    """`--release` ends the tickets and removes what was kept; the VM stays where it is."""
    move, _ = _keep(scene, "--return-ticket")
    run = scene.ferry.run("storage-move", move.guest.name, "--release", "--json")
    scene.check_exit(run, 0)
    move.judge(True)
    run = scene.ferry.run("storage-move", move.guest.name, "--release", "--json")
    scene.check_exit(run, 66)
    return None


def ticket_killed(scene):
    """Killed right after the tickets were started: they are part of the move that is finished then."""
    move = Move(scene)
    run = move.start("--return-ticket", points=["effect.ticket:vdb.after=crash-group"]).wait()
    scene.check(run.exit == -9, f"it was not killed: {run.last_words()}")
    run = scene.settle()
    scene.check_exit(run, 0)
    _wait_for_tickets(scene, move)
    transaction = scene.ferry.run("status", "--json").answer["transactions"][0]["tx"]
    return _go_back(scene, move, transaction)


def killed_some_time(number):
    """At a moment that nobody has chosen; every second time nobody is left to recover."""
    def story(scene):
        move = Move(scene)
        run = move.start("--bwlimit", "16MiB")
        time.sleep(scene.random.uniform(0.05, 2.5))
        both = number % 2 == 0
        if run.ended():
            scene.notes.append("it was over before")
        elif both:
            run.kill()
        else:
            run.kill_worker()
        run.wait()
        if both:
            run = scene.settle()
            scene.check_exit(run, 0)
        moved = move.used(inactive=True) == move.new
        scene.notes.append("moved" if moved else "back")
        move.judge(moved)
        return run
    return story


def target_removed(scene):
    """Somebody removes the new images while they are filled: QEMU does not notice, and would run on files without names."""
    move = Move(scene)
    hold = scene.ferry.hold("journal.ALL_READY.before")
    run = move.start(points=[hold])
    hold.wait(run)
    move.host.run(["rm", move.new["vdb"][0]])
    hold.release()
    run.wait()
    scene.check_exit(run, 20)
    move.judge(False)
    return run


def target_read_only(scene):
    """Nothing can be made there: it is said before anything is copied."""
    move = Move(scene)
    with faults.read_only(move.host, str(move.directory)):
        run = move.start().wait()
    scene.check_exit(run, 20)
    move.judge(False)
    return run


def emulator_killed(scene):
    """By kill -9, in the middle of the copy: the VM is off, on its old images."""
    move = Move(scene)
    run = _held_copying(scene, move)
    os.kill(move.host.qemu_pid(move.guest.name), signal.SIGKILL)
    run.wait()
    scene.check_exit(run, 20)
    move.judge(False, running=False)
    return run


def powered_off(scene):
    """By the guest itself, in the middle of the copy."""
    move = Move(scene)
    run = _held_copying(scene, move)
    move.guest.command("poweroff")
    run.wait()
    scene.check_exit(run, 20)
    move.judge(False, running=False)
    return run


def destroyed_at(point, moved, exits):
    """`virsh destroy` while the guest stands for its change."""
    def story(scene):
        move = Move(scene)
        hold = scene.ferry.hold(point)
        run = move.start(points=[hold])
        hold.wait(run)
        time.sleep(0.3)  # What was asked of QEMU has been done.
        move.host.virsh("destroy", move.guest.name)
        hold.release()
        run.wait()
        scene.check_exit(run, *exits)
        move.judge(moved, running=False)
        return run
    return story


def _case(name, story, exits=(), guest=TWO_DISKS, **options):
    return Case(f"storage/{name}", story, Expect(TOLD, exits), guest, again=False, **options)


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
    _case("four-disks", four_disks, (0,), FOUR_DISKS, core=True, fresh=True),
    _case("one-of-four-refused", one_of_four_refused, (20,), FOUR_DISKS, fresh=True),
    _case("without-backing", without_backing, (0,), CHAINED, fresh=True),
    _case("kept", kept, (0,)),
    _case("return-ticket", return_ticket, (0,), core=True, fresh=True),
    _case("void-ticket", void_ticket, (0,), fresh=True),
    _case("released", released),
    _case("ticket-killed", ticket_killed, (0,)),
    _case("target-removed", target_removed, (20,)),
    _case("target-read-only", target_read_only, (20,)),
    _case("emulator-killed", emulator_killed, (20,), fresh=True),
    _case("powered-off", powered_off, (20,), fresh=True),
    _case("destroyed-when-paused", destroyed_at("effect.suspend:source.after", False, (20,)), fresh=True),
    _case("destroyed-when-changed", destroyed_at("journal.COMMIT.before", True, (0, 22)), fresh=True),
    *(_case(f"killed-some-time/{number}", killed_some_time(number)) for number in range(1, 31)),
    *_at_points(),
]
