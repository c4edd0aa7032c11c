"""Hosts that do not share the VM's disks: they go with it, and whatever happens one host has all of it.

The guest writes to its disks all the time. The verdict: where QEMU runs, what both definitions name, which image files
there are on both hosts, and every acknowledged write.
"""

import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from casekit import verify
from casekit.case import BACK, COMMITTED, LOADED, TOLD, Case, Expect
from labkit import faults, sniffer
from labkit.shell import LabError

from cases.points import check_passes, points_of

IMAGES = "/var/lib/libvirt/images"
ONE_DISK = replace(LOADED, storage="local")
TWO_DISKS = replace(LOADED, storage="local", disk_format=("qcow2", "raw"))
MIXED = replace(LOADED, storage=("iscsi", "local"), disk_format=("raw", "raw"))
COPY = "--copy-storage"
# Some seconds for each disk.
SLOW = (COPY, "--bwlimit", "4MiB")

# Every place at which such a move of one disk can be killed, in order.
MOVE = (
    "journal.BEGIN", "journal.LEDGER", "journal.LEDGER",
    "journal.LEDGER", "effect.marker:source", "journal.LEDGER", "effect.downtime:source",
    "journal.LEDGER", "effect.image:vda", "journal.LEDGER", "effect.domain:target",
    "journal.RESERVED", "journal.SWITCH_INTENT", "effect.migrate",
    "journal.COMMIT", "effect.mark-commit:target", "effect.resume:target", "effect.release", "journal.RESUMED",
    "effect.mark-resumed:target", "effect.announce:target", "journal.ANNOUNCED", "journal.VERIFIED",
    "journal.LEDGER", "effect.definition:source", "journal.LEDGER", "effect.images:source",
    "journal.LEDGER", "effect.marker:target", "journal.RELEASED", "journal.END")
WAY_BACK = (
    "effect.undo.domain:target", "effect.destroy:target", "effect.resume:source", "effect.undo.image:vda",
    "effect.undo.marker:source")
CORE_POINTS = ("effect.image:vda.after", "effect.migrate.after", "journal.COMMIT.before", "journal.COMMIT.after",
               "effect.resume:target.after", "effect.images:source.before", "effect.images:source.after")


class Files:
    """The image files of both hosts, before a move."""

    def __init__(self, scene):
        self.scene = scene
        self.before = {host.name: _files(host) for host in (scene.source, scene.target)}
        self.paths = {disk["target"]: disk["path"] for disk in scene.guest.disks if disk["storage"] == "local"}

    def judge(self, place):
        """The VM's images are at `place` alone; its definitions name them; no pool and no marker is left."""
        scene = self.scene
        moved = place == COMMITTED
        here = scene.target if moved else scene.source
        for host in (scene.source, scene.target):
            wanted = self.before[host.name]
            if moved:
                mine = set(self.paths.values())
                wanted = wanted | mine if host is scene.target else wanted - mine
            found = _files(host)
            scene.check(found == wanted, f"{host.name}: left over: {sorted(found - wanted)}, "
                                         f"missing: {sorted(wanted - found)}")
            pools = host.virsh("pool-list", "--all", "--name").split()
            scene.check(not [name for name in pools if "vmferry" in name], f"{host.name}: pools are left: {pools}")
        for words in ([], ["--inactive"]):
            used = _used(here, scene.guest, words)
            scene.check(used == self.paths, f"{here.name}: the definition {words} names {used}, not {self.paths}")
        scene.problems += scene.ferry.leftovers()
        scene.problems += verify.until_good(lambda: verify.copies_problems(scene.observer, scene.guest, here))
        scene.problems += verify.alive_problems(scene.observer, scene.guest, here, time.monotonic())
        look = verify.committed_problems if moved else verify.back_problems
        # The size of a qcow2 file grows with what the guest writes; whose the files are, the inventory says.
        scene.problems += [text for text in verify.until_good(lambda: look(scene.lab, scene.before))
                           if not text.startswith("files: ") and "/source/@file" not in text]
        scene.problems += verify.guest_problems(scene.observer, scene.guest, here)


def _files(host):
    root = host.path(IMAGES)
    return {f"{IMAGES}/{path.relative_to(root)}" for path in root.rglob("*") if not path.is_dir()}


def _used(host, guest, words=()):
    """{target: path} of the disks in files."""
    text = host.virsh("dumpxml", guest.name, *words)
    return {disk.find("target").get("dev"): disk.find("source").get("file")
            for disk in ElementTree.fromstring(text).iter("disk") if disk.get("type") == "file"}


def _allocated(host, path):
    return host.path(path).stat().st_blocks * 512


def _judged(scene, files, run, place, *exits):
    scene.check_exit(run, *exits)
    files.judge(place)
    if place == COMMITTED:
        scene.rebase()
    return run


def there_and_back(scene):
    """Five times to and fro: nothing is lost, nothing is left over, and the images stay sparse."""
    for number in range(10):
        files = Files(scene)
        sizes = {path: _allocated(scene.source, path) for path in files.paths.values()}
        run = _judged(scene, files, scene.migrate(COPY).wait(), COMMITTED, 0)
        for path, size in sizes.items():
            now = _allocated(scene.source, path)  # the source is where it came from by now
            scene.check(now <= size + (8 << 20), f"{path} took {size >> 20} MiB and takes {now >> 20} MiB")
        if scene.problems:
            scene.notes.append(f"wrong at move {number + 1}")
            break
        scene.notes.append(f"{run.answer.get('downtime_ms')} ms")
    return run


def mapped(scene):
    """Into another directory, both disks; then `rollback` brings them back to where they were."""
    files = Files(scene)
    old = dict(files.paths)
    directory = f"{IMAGES}/to{time.monotonic_ns()}"
    scene.target.run(["mkdir", directory])
    run = scene.migrate(COPY, "--map-storage", f"{IMAGES}={directory}").wait()
    scene.check_exit(run, 0)
    new = {target: f"{directory}/{Path(path).name}" for target, path in old.items()}
    for words in ([], ["--inactive"]):
        used = _used(scene.target, scene.guest, words)
        scene.check(used == new, f"the definition {words} names {used}, not {new}")
    scene.check(not set(old.values()) & _files(scene.source), "the source's images are left")
    run = scene.ferry.run("rollback", run.answer["tx"], "-y", "--json")
    scene.check_exit(run, 0)
    used = _used(scene.source, scene.guest)
    scene.check(used == old, f"after the way back {used} is used, not {old}")
    scene.target.run(["rmdir", directory])
    for host in (scene.source, scene.target):
        scene.check(_files(host) == files.before[host.name], f"{host.name} has {sorted(_files(host))}")
    return run


def kept(scene):
    """--keep-source: the images stay, and with them the way back is closed until somebody removes them."""
    files = Files(scene)
    run = scene.migrate(COPY, "--keep-source").wait()
    scene.check_exit(run, 0)
    left = set(files.paths.values()) - _files(scene.source)
    scene.check(not left, f"{left} are gone")
    back = scene.ferry.run("rollback", run.answer["tx"], "-y", "--json")
    scene.check_exit(back, 10)
    for path in files.paths.values():
        scene.source.path(path).unlink()
    files.judge(COMMITTED)
    return run


def only_local(scene):
    """One disk on the SAN, one local: only that one is copied."""
    files = Files(scene)
    run = scene.migrate(COPY).wait()
    copied = [disk["target"] for disk in run.answer.get("disks", [])]
    scene.check(copied == ["vdb"], f"{copied} were copied, not vdb")
    return _judged(scene, files, run, COMMITTED, 0)


def all_shared(scene):
    """Nothing has to be copied: a move like any other."""
    run = scene.migrate(COPY).wait()
    scene.check("disks" not in run.answer, f"copied: {run.answer.get('disks')}")
    return run


def synchronous(scene):
    files = Files(scene)
    return _judged(scene, files, scene.migrate(COPY, "--sync-writes").wait(), COMMITTED, 0)


def with_backing(scene):
    """An overlay and its backing image become one image; the backing image, which others may use, stays."""
    host, disk = scene.source, scene.guest.disks[0]
    base = f"{disk['path']}.base"
    host.virsh("snapshot-create-as", scene.guest.name, "over", "--disk-only", "--no-metadata", "--atomic",
               "--diskspec", f"vda,file={base}")
    # The overlay has the new name: by names alone it is the other way round.
    disk["path"], disk["format"] = base, "qcow2"
    time.sleep(0.5)
    scene.rebase()
    files = Files(scene)
    run = scene.migrate(COPY).wait()
    scene.check_exit(run, 0)
    text = scene.target.virsh("dumpxml", scene.guest.name)
    scene.check("<backingStore type" not in text, "the copy has a backing image")
    scene.check(_used(scene.target, scene.guest) == files.paths, "another image is used")
    scene.problems += verify.guest_problems(scene.observer, scene.guest, scene.target)
    return run


def planned(scene):
    """By a sealed plan: what it names is created, and nothing else."""
    files = Files(scene)
    sealed = scene.ferry.directory / "move.plan"
    run = scene.ferry.run("plan", scene.guest.name, scene.target.name, "-c", scene.source.name, COPY, "-O", sealed)
    scene.check_exit(run, 0)
    for path in files.paths.values():
        scene.check(f"creates {path} on {scene.target.name}" in run.text(), f"{path} is not in the plan: {run.text()}")
    files.judge(BACK)
    run = scene.ferry.run("migrate", "--plan", sealed, "--json")
    return _judged(scene, files, run, COMMITTED, 0)


def passes(scene):
    """The list above is what vmferry passes: a new step needs its line there."""
    files = Files(scene)
    run = scene.migrate(COPY).wait()
    check_passes(scene, MOVE)
    return _judged(scene, files, run, COMMITTED, 0)


def killed(word, point, both):
    def story(scene):
        files = Files(scene)
        place = COMMITTED if _is_decided(word) else BACK
        run = scene.migrate(COPY, points=[point.format("crash-group" if both else "crash")]).wait()
        if both:
            scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
            run = scene.settle()
            scene.check_exit(run, 0)
        elif word != "journal.BEGIN.before":
            scene.check_exit(run, 0 if place == COMMITTED else 20)
        files.judge(place)
        return run
    return story


def killed_again(point):
    """The way back is cut short as well; who comes next finds enough to finish it."""
    def story(scene):
        files = Files(scene)
        scene.migrate(COPY, points=["journal.COMMIT.before=crash-group"]).wait()
        run = scene.settle(points=[f"{point}=crash-group"])
        scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
        run = scene.settle()
        return _judged(scene, files, run, BACK, 0)
    return story


def _is_decided(word):
    words = [found for found, _ in points_of(MOVE)]
    return words.index(word) >= words.index("journal.COMMIT.after")


def _copying(scene, *words, **options):
    """A move whose disk is being copied, slowly."""
    run = scene.migrate(*SLOW, *words, **options)
    deadline = time.monotonic() + 20
    while "Block Copy" not in scene.source.virsh("blockjob", scene.guest.name, scene.guest.disks[-1]["target"],
                                                 "--raw", check=False):
        if run.ended() or time.monotonic() > deadline:
            raise LabError(f"nothing is copied: {run.last_words()}")
        time.sleep(0.02)
    scene.mark("copying")
    return run


def killed_copying(scene):
    files = Files(scene)
    run = _copying(scene)
    run.kill()
    scene.mark("vmferry is dead")
    return _judged(scene, files, scene.settle_patiently(), BACK, 0)


def interrupted(scene):
    files = Files(scene)
    run = _copying(scene)
    run.signal_group(2)
    return _judged(scene, files, run.wait(), BACK, 130)


def stopped_copying(scene):
    """The guest is powered off by others in the middle: it is off at the source, and nothing is left at the target."""
    files = Files(scene)
    run = _copying(scene)
    scene.source.virsh("destroy", scene.guest.name)
    run.wait()
    scene.check_exit(run, 20, 21)
    scene.problems += verify.until_good(lambda: verify.off_problems(scene.lab, scene.before))
    scene.check(_files(scene.target) == files.before[scene.target.name], "an image is left at the target")
    return run


def _fill(place):
    with open(place / "filler", "wb") as file:
        try:
            while file.write(bytes(1 << 16)):
                file.flush()
        except OSError:
            pass


def target_full(scene):
    """The target's storage fills up while the disk is copied: the guest notices nothing and stays."""
    directory = f"{IMAGES}/small{time.monotonic_ns()}"
    scene.target.run(["mkdir", directory])
    files = Files(scene)
    with faults.small_disk(scene.target, directory, size_mib=96) as place:
        run = _copying(scene, "--map-storage", f"{IMAGES}={directory}")
        _fill(place)
        scene.mark("the target is full")
        run.wait()
        (place / "filler").unlink(missing_ok=True)
        left = [path.name for path in place.iterdir() if path.name != "lost+found"]
        scene.check(not left, f"left over: {left}")
    scene.target.run(["rmdir", directory])
    return _judged(scene, files, run, BACK, 20)


def no_room(scene):
    directory = f"{IMAGES}/tiny{time.monotonic_ns()}"
    scene.target.run(["mkdir", directory])
    files = Files(scene)
    with faults.small_disk(scene.target, directory, size_mib=16) as place:
        _fill(place)
        run = scene.migrate(COPY, "--map-storage", f"{IMAGES}={directory}").wait()
        scene.check("VMF-S032" in run.text(), f"it does not speak of room: {run.last_words()}")
    scene.target.run(["rmdir", directory])
    return _judged(scene, files, run, BACK, 10)


def exists_there(scene):
    path = scene.guest.disks[0]["path"]
    scene.target.path(path).write_bytes(b"somebody's")
    scene.rebase()
    files = Files(scene)
    run = scene.migrate(COPY).wait()
    scene.check("VMF-S030" in run.text(), f"it does not say that the file exists: {run.last_words()}")
    scene.check(scene.target.path(path).read_bytes() == b"somebody's", "it was overwritten")
    _judged(scene, files, run, BACK, 10)
    scene.target.path(path).unlink()
    return run


def without_the_word(scene):
    """Not asked for, nothing is copied: refused as ever, with the option named."""
    files = Files(scene)
    run = scene.migrate().wait()
    scene.check(COPY in run.text(), f"the option is not named: {run.last_words()}")
    return _judged(scene, files, run, BACK, 10)


def parted(scene):
    """The hosts do not see each other while the disk is copied; both are seen by vmferry."""
    files = Files(scene)
    run = _copying(scene)
    with faults.hosts_parted(scene.source, scene.target):
        scene.mark("the hosts are parted")
        run.wait(180)
        scene.mark("vmferry has ended")
    return _judged(scene, files, run, BACK, 20)


def target_lost(scene):
    """The target goes down with the guest running there, not yet seen to be whole: the source's images stay until it is
    back and its definition names the copies, which are the newest."""
    files = Files(scene)
    hold = scene.ferry.hold("journal.RESUMED.after")
    run = scene.migrate(COPY, points=[hold])
    hold.wait(run)
    faults.lose_host(scene.target)
    hold.release()
    run.wait()
    scene.check(run.exit in (22, 30), f"{run}: {run.last_words()}")
    left = set(files.paths.values()) - _files(scene.source)
    scene.check(not left, f"{left} are gone from the source, and the target is down")
    scene.lab.revive(scene.target)
    paid = scene.ferry.run("rollback", run.answer["tx"], "--json")
    scene.check_exit(paid, 0)
    here, there = (set(files.paths.values()) & _files(host) for host in (scene.source, scene.target))
    scene.check(not here and there, f"afterwards {here} are at the source and {there} at the target")
    scene.target.virsh("start", scene.guest.name)
    scene.observer.wait_beat(scene.guest.name, 60, vantage=scene.target.name)
    return run


def without_journal(point, place):
    """The journal is lost as well: the markers tell which images are ours."""
    def story(scene):
        files = Files(scene)
        scene.migrate(COPY, points=[f"{point}=crash-group"]).wait()
        scene.ferry.journal.unlink()
        run = scene.ferry.run("rollback", "--from-hosts", f"{scene.source.name},{scene.target.name}", "-y", "--json")
        return _judged(scene, files, run, place, 0)
    return story


def through_tls(scene):
    """Memory and disks through TLS: no word of the guest's is on the wire in clear text."""
    files = Files(scene)
    words = [b"VMFLBLK1", b"Linux version"]
    with sniffer.capture(scene.target, words) as seen:
        run = scene.migrate(COPY, "--tls").wait()
    scene.check(seen.stream_bytes > 4 << 20, f"only {seen.stream_bytes} bytes were seen")
    scene.check(not any(seen.found.values()), f"in clear text: {seen.found}")
    return _judged(scene, files, run, COMMITTED, 0)


def in_clear_text(scene):
    """What the case above looks for is there without TLS."""
    words = [b"VMFLBLK1"]
    files = Files(scene)
    with sniffer.capture(scene.target, words) as seen:
        run = scene.migrate(COPY).wait()
    scene.check(all(seen.found.values()), f"not found: {seen.found}")
    return _judged(scene, files, run, COMMITTED, 0)


def _case(name, story, guest=ONE_DISK, exits=(), **options):
    return Case(f"copy/{name}", story, Expect(TOLD, exits), guest, again=False, **options)


def _at_points():
    for word, point in points_of(MOVE):
        core = word in CORE_POINTS
        yield _case(f"both/{word}", killed(word, point, True), core=core)
        yield _case(f"worker/{word}", killed(word, point, False))
    for point in WAY_BACK:
        for moment in ("before", "after"):
            yield _case(f"way-back/{point}.{moment}", killed_again(f"{point}.{moment}"))


CASES = [
    _case("there-and-back", there_and_back, TWO_DISKS, (0,), core=True, fresh=True),
    _case("mapped", mapped, TWO_DISKS, fresh=True),
    _case("kept", kept, TWO_DISKS, fresh=True),
    _case("planned", planned, TWO_DISKS),
    _case("sync-writes", synchronous),
    _case("points", passes, core=True),
    _case("only-local", only_local, MIXED, core=True),
    Case("copy/all-shared", all_shared, Expect(COMMITTED, (0,)), LOADED),
    _case("with-backing", with_backing, replace(ONE_DISK, disk_format="qcow2"), fresh=True),
    _case("transient", synchronous, replace(ONE_DISK, transient=True), fresh=True),
    Case("copy/paused", lambda scene: scene.migrate(COPY).wait(), Expect(COMMITTED, (0,)),
         replace(ONE_DISK, paused=True), again=False),
    _case("exists", exists_there, core=True),
    _case("no-room", no_room),
    _case("not-asked-for", without_the_word),
    _case("killed", killed_copying, core=True),
    _case("interrupted", interrupted),
    _case("stopped", stopped_copying, fresh=True),
    _case("target-full", target_full),
    _case("parted", parted),
    _case("target-lost", target_lost, fresh=True),
    _case("from-hosts/back", without_journal("journal.COMMIT.before", BACK)),
    _case("from-hosts/on", without_journal("effect.resume:target.after", COMMITTED)),
    _case("tls", through_tls, uris="tls", profile="plain"),
    _case("clear", in_clear_text),
    *_at_points(),
]
