"""VMs that are off on hosts that do not share their disks: the images go with the definition, and one host has all of it.

The guest is destroyed before each story and started after it where it belongs. The verdict: what both daemons know of
it, which files there are on both hosts and what they hold, and whether the guest starts and finds what it wrote.
"""

import hashlib
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from casekit import verify
from casekit.case import BACK, COMMITTED, LOADED, TOLD, Case, Expect
from labkit import faults

from cases import k_cold
from cases.k_copy import IMAGES, _allocated, _files, _fill, _used
from cases.points import check_passes, points_of

COPY = "--copy-storage"
ONE_DISK = replace(LOADED, storage="local")
TWO_DISKS = replace(LOADED, storage="local", disk_format=("qcow2", "raw"))
SNAPSHOTS = replace(LOADED, storage="local", disk_format="qcow2")
UEFI = replace(LOADED, storage="local", uefi=True)

# Every place at which such a move of one disk can be killed, in order.
_RELEASE = (
    "journal.LEDGER", "effect.definition:source", "journal.VERIFIED", "journal.LEDGER", "effect.images:source",
    "journal.LEDGER", "effect.bolt:target", "journal.LEDGER", "effect.marker:target", "journal.RELEASED", "journal.END")
MOVE = (
    "journal.BEGIN", "journal.LEDGER", "journal.LEDGER",
    "journal.LEDGER", "effect.marker:source", "journal.LEDGER", "effect.image:vda",
    "journal.LEDGER", "effect.domain:target", "journal.RESERVED", "journal.LEDGER", "effect.copy:vda",
    "journal.COPIED", "journal.ALL_READY", "journal.COMMIT", *_RELEASE)
WAY_BACK = (
    "journal.ADOPT", "journal.NOTE", "journal.UNDOING", "effect.undo.domain:target", "effect.undefine:target",
    "journal.UNDOING", "effect.undo.image:vda", "journal.UNDOING", "effect.undo.marker:source", "journal.END")
WAY_ON = ("journal.ADOPT", "journal.NOTE", *_RELEASE)
CORE_POINTS = ("effect.image:vda.after", "effect.copy:vda.after", "journal.COPIED.after", "journal.COMMIT.before",
               "journal.COMMIT.after", "effect.images:source.before", "effect.images:source.after")


def _digest(host, path):
    with open(host.path(path), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Images:
    """The image files of both hosts and what they hold, before a move of the VM, which is off."""

    def __init__(self, scene):
        self.scene = scene
        self.files = {host.name: _files(host) for host in (scene.source, scene.target)}
        self.paths = {disk["target"]: disk["path"] for disk in scene.guest.disks}
        self.digests = {path: _digest(scene.source, path) for path in self.paths.values()}
        self.sizes = {path: _allocated(scene.source, path) for path in self.paths.values()}

    def judge(self, place, new=None):
        """They are at `place` alone, under their `new` names, and hold what they held."""
        scene = self.scene
        here, other = (scene.target, scene.source) if place == COMMITTED else (scene.source, scene.target)
        new = new or {}
        mine = set(self.paths.values())
        wanted = {scene.source.name: self.files[scene.source.name], scene.target.name: self.files[scene.target.name]}
        if place == COMMITTED:
            wanted[other.name] = wanted[other.name] - mine
            wanted[here.name] = wanted[here.name] | {new.get(path, path) for path in mine}
        for host in (here, other):
            found = _files(host)
            scene.check(found == wanted[host.name], f"{host.name}: left over: {sorted(found - wanted[host.name])}, "
                                                    f"missing: {sorted(wanted[host.name] - found)}")
            pools = host.virsh("pool-list", "--all", "--name").split()
            scene.check(not [name for name in pools if "vmferry" in name], f"{host.name}: pools are left: {pools}")
        used = _used(here, scene.guest, ["--inactive"])
        named = {target: new.get(path, path) for target, path in self.paths.items()}
        scene.check(used == named, f"{here.name}: the definition names {used}, not {named}")
        for path, digest in self.digests.items():
            now = new.get(path, path) if place == COMMITTED else path
            scene.check(_digest(here, now) == digest, f"{here.name}: {now} does not hold what {path} held")
            took, takes = self.sizes[path], _allocated(here, now)
            scene.check(takes <= took * 1.02 + (1 << 16), f"{now} takes {takes >> 10} KiB, the original {took >> 10}")


def judged(scene, images, run, place, *exits, new=None):
    """The VM is wholly at `place`, off, and so are its images."""
    images.judge(place, new)
    return k_cold.judged(scene, run, place, *exits)


def off(scene):
    k_cold.off(scene)
    return Images(scene)


def there_and_back(scene):
    images = off(scene)
    for _ in range(2):
        run = judged(scene, images, scene.migrate(COPY).wait(), COMMITTED, 0)
        images = Images(scene)
    return k_cold.started(scene, run)


def mapped(scene):
    """Into another directory, and `rollback` of the committed move brings it back."""
    images = off(scene)
    directory = f"{IMAGES}/to{time.monotonic_ns()}"
    scene.target.run(["mkdir", directory])
    new = {path: f"{directory}/{Path(path).name}" for path in images.paths.values()}
    run = scene.migrate(COPY, "--map-storage", f"{IMAGES}={directory}").wait()
    scene.check_exit(run, 0)
    images.judge(COMMITTED, new)
    back = scene.ferry.run("rollback", run.answer["tx"], "-y", "--json")
    scene.check_exit(back, 0)
    images.judge(BACK)
    scene.target.run(["rmdir", directory])
    scene.problems += verify.until_good(lambda: verify.off_problems(scene.lab, scene.before))
    return k_cold.started(scene, back)


def kept(scene):
    """The source's images stay where they are, as they were."""
    images = off(scene)
    source = scene.source
    run = scene.migrate(COPY, "--keep-source").wait()
    scene.check_exit(run, 0)
    for path, digest in images.digests.items():
        scene.check(_digest(source, path) == digest, f"{path} on {source.name} is not what it was")
        source.path(path).unlink(missing_ok=True)
    images.judge(COMMITTED)
    scene.before = verify.Before(scene.lab, scene.guest, scene.target, scene.source)
    return k_cold.started(scene, run)


def planned(scene):
    """By a sealed plan, which names the images."""
    images = off(scene)
    sealed = scene.ferry.directory / "cold.plan"
    run = scene.ferry.run("plan", scene.guest.name, scene.target.name, "-c", scene.source.name, COPY, "-O", sealed)
    judged(scene, images, run, BACK, 0)
    return k_cold.started(scene, judged(scene, images, scene.ferry.run("migrate", "--plan", sealed, "--json"),
                                        COMMITTED, 0))


def snapshots(scene):
    """Internal snapshots: their data is in the file, and their records name the new path."""
    images = off(scene)
    scene.source.virsh("snapshot-create-as", scene.guest.name, "only")
    scene.before = verify.Before(scene.lab, scene.guest, scene.source, scene.target)
    images = Images(scene)
    directory = f"{IMAGES}/to{time.monotonic_ns()}"
    scene.target.run(["mkdir", directory])
    run = scene.migrate(COPY, "--map-storage", f"{IMAGES}={directory}").wait()
    scene.check_exit(run, 0)
    images.judge(COMMITTED, {path: f"{directory}/{Path(path).name}" for path in images.paths.values()})
    record = scene.target.virsh("snapshot-dumpxml", scene.guest.name, "only")
    scene.check(directory in record and f"'{IMAGES}/{scene.guest.name}" not in record,
                f"the record names other images: {record}")
    scene.target.virsh("snapshot-revert", scene.guest.name, "only")
    back = scene.ferry.run("rollback", run.answer["tx"], "-y", "--json")
    scene.check_exit(back, 0)
    scene.source.virsh("snapshot-delete", scene.guest.name, "only")
    scene.target.run(["rmdir", directory])
    return k_cold.started(scene, back)


def nvram(scene):
    """The NVRAM file goes along, with what is in it."""
    images = off(scene)
    path = scene.source.virsh("dumpxml", scene.guest.name).split("</nvram>")[0].rsplit(">", 1)[1]
    held = _digest(scene.source, path)
    for _ in range(2):
        run = judged(scene, images, scene.migrate(COPY).wait(), COMMITTED, 0)
        scene.check(_digest(scene.source, path) == held, "the NVRAM file does not hold what it held")
        scene.check(not scene.target.path(path).exists(), f"{path} is left on {scene.target.name}")
        images = Images(scene)
    return k_cold.started(scene, run)


def started_meanwhile(point):
    """Somebody starts the VM where it was: there it stays, and nothing of the move is left."""
    def story(scene):
        images = off(scene)
        with _held(scene, point) as run:
            scene.source.virsh("start", scene.guest.name)
        run.wait()
        scene.check_exit(run, 20)
        scene.observer.wait_beat(scene.guest.name, 60, vantage=scene.source.name)
        scene.check(not scene.target.virsh("domstate", scene.guest.name, check=False), "the target knows it")
        scene.check(_files(scene.target) == images.files[scene.target.name], "images are left on the target")
        scene.before = verify.Before(scene.lab, scene.guest, scene.source, scene.target)
        scene.problems += scene.ferry.leftovers() + verify.marker_problems(scene.before.image) + k_cold.bolts(scene)
        return run
    return story


def used_meanwhile(point, exits, crash=False):
    """Somebody uses the VM where it was and shuts it down again: its originals are newer, and it stays with them."""
    def story(scene):
        off(scene)
        if crash:
            scene.migrate(points=[f"{point}=crash-group"]).wait()
            _use(scene)
            run = scene.settle()
        else:
            with _held(scene, point) as run:
                _use(scene)
            run.wait()
        images = Images(scene)
        images.files[scene.target.name] = _files(scene.target)
        scene.check(not [name for name in images.files[scene.target.name] if scene.guest.name in name],
                    "images are left on the target")
        return k_cold.started(scene, judged(scene, images, run, BACK, *exits))
    return story


def _use(scene):
    scene.source.virsh("start", scene.guest.name)
    scene.observer.wait_beat(scene.guest.name, 60, vantage=scene.source.name)
    time.sleep(1)
    scene.source.virsh("destroy", scene.guest.name)
    scene.mark("a human has used it")


@contextmanager
def _held(scene, point, *words):
    hold = scene.ferry.hold(point)
    run = scene.migrate(COPY, *words, points=[hold])
    hold.wait(run)
    yield run
    hold.release()


def exists(scene):
    """A file of that name at the target is nobody's to overwrite."""
    images = off(scene)
    path = next(iter(images.paths.values()))
    scene.target.path(path).write_bytes(b"mine")
    run = scene.migrate(COPY).wait()
    scene.check_exit(run, 10)
    scene.check("VMF-S030" in run.text(), f"it does not speak of the file: {run.last_words()}")
    scene.check(scene.target.path(path).read_bytes() == b"mine", "the file was overwritten")
    scene.target.path(path).unlink()
    return k_cold.started(scene, judged(scene, images, run, BACK, 10))


def chained(scene):
    """A file that stands on another one is not copied alone."""
    images = off(scene)
    path = next(iter(images.paths.values()))
    base = f"{IMAGES}/base.raw"
    scene.source.run(["mv", path, base])
    scene.source.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", path])
    run = scene.migrate(COPY).wait()
    scene.check_exit(run, 10)
    scene.check("VMF-S031" in run.text() and base in run.text(), f"it does not say why: {run.last_words()}")
    scene.source.run(["mv", base, path])
    return k_cold.started(scene, judged(scene, images, run, BACK, 10))


def target_full(scene):
    """The target's datastore fills up before the images are copied to it."""
    images = off(scene)
    directory = f"{IMAGES}/small{time.monotonic_ns()}"
    scene.target.run(["mkdir", directory])
    with faults.small_disk(scene.target, directory, size_mib=96) as place:
        with _held(scene, "effect.copy:vda.before", "--map-storage", f"{IMAGES}={directory}") as run:
            _fill(place)
        run.wait()
        (place / "filler").unlink(missing_ok=True)
        left = [path.name for path in place.iterdir() if path.name != "lost+found"]
        scene.check(not left, f"left over: {left}")
    scene.target.run(["rmdir", directory])
    return k_cold.started(scene, judged(scene, images, run, BACK, 20))


def passes(scene):
    """The list above is what vmferry passes: a new step needs its line there."""
    images = off(scene)
    run = scene.migrate(COPY).wait()
    check_passes(scene, MOVE)
    return k_cold.started(scene, judged(scene, images, run, COMMITTED, 0))


def settling_passes(point, expected, place):
    def story(scene):
        images = off(scene)
        scene.migrate(COPY, points=[f"{point}=crash-group"]).wait()
        scene.ferry.point_log.unlink()
        run = scene.settle()
        check_passes(scene, expected)
        return k_cold.started(scene, judged(scene, images, run, place, 0))
    return story


def killed(word, point):
    def story(scene):
        images = off(scene)
        place = COMMITTED if _is_decided(word) else BACK
        run = scene.migrate(COPY, points=[point.format("crash-group")]).wait()
        scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
        return k_cold.started(scene, judged(scene, images, scene.settle(), place, 0))
    return story


def _is_decided(word):
    words = [found for found, _ in points_of(MOVE)]
    return words.index(word) >= words.index("journal.COMMIT.after")


def _case(name, story, guest=ONE_DISK, **options):
    return Case(f"cold-copy/{name}", story, Expect(TOLD), guest, again=False, **options)


CASES = [
    _case("there-and-back", there_and_back, TWO_DISKS, core=True),
    _case("mapped", mapped, TWO_DISKS),
    _case("kept", kept),
    _case("planned", planned),
    _case("points", passes, core=True),
    _case("points-back", settling_passes("journal.COMMIT.before", WAY_BACK, BACK)),
    _case("points-on", settling_passes("journal.COMMIT.after", WAY_ON, COMMITTED)),
    _case("started/copying", started_meanwhile("effect.copy:vda.before"), core=True),
    _case("started/copied", started_meanwhile("journal.COPIED.after")),
    _case("started/before-commit", started_meanwhile("journal.COMMIT.before")),
    _case("started/after-commit", started_meanwhile("journal.COMMIT.after")),
    _case("used/copying", used_meanwhile("journal.COPIED.before", (20,)), fresh=True, core=True),
    _case("used/before-commit-killed", used_meanwhile("journal.COMMIT.before", (0,), True), fresh=True),
    _case("used/after-commit-killed", used_meanwhile("journal.COMMIT.after", (0,), True), fresh=True, core=True),
    _case("exists", exists),
    _case("target-full", target_full),
    _case("chained", chained),
    _case("snapshots", snapshots, SNAPSHOTS, fresh=True),
    _case("nvram", nvram, UEFI, fresh=True),
    _case("secure", there_and_back, ONE_DISK, profile="secure"),
    *(_case(f"killed/{word}", killed(word, point), core=word in CORE_POINTS) for word, point in points_of(MOVE)),
]
