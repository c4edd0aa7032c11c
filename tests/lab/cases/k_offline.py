"""Disks of a VM that is off move to another datastore of its host: its definition names all the old images or all the new
ones, and what it names holds what the guest wrote.
"""

import time
from contextlib import contextmanager
from dataclasses import replace

from casekit import verify
from casekit.case import LOADED, TOLD, Case, Expect
from labkit import faults

from cases.k_cold_copy import _digest
from cases.k_copy import _allocated, _fill
from cases.k_storage import Move
from cases.points import check_passes, points_of

TWO_DISKS = replace(LOADED, storage="local", disk_format=("qcow2", "raw"), dirty_mib_s=0)

# Every place at which it can be killed, in order.
_RELEASE = ("journal.VERIFIED", "journal.LEDGER", "effect.old-images:source", "journal.LEDGER", "effect.marker:target",
            "journal.RELEASED", "journal.END")
MOVE = (
    "journal.BEGIN", "journal.LEDGER", "effect.marker:source",
    "journal.LEDGER", "effect.image:vda", "journal.LEDGER", "effect.image:vdb", "journal.RESERVED",
    "journal.LEDGER", "effect.copy:vda", "journal.COPIED", "journal.LEDGER", "effect.copy:vdb", "journal.COPIED",
    "journal.ALL_READY", "journal.PIVOT_INTENT", "effect.define:source", "journal.COMMIT", *_RELEASE)
CORE_POINTS = ("effect.copy:vda.after", "journal.PIVOT_INTENT.after", "effect.define:source.after",
               "journal.COMMIT.after", "effect.old-images:source.before")


class Still(Move):
    """A storage-move of the scene's guest, which is off."""

    def __init__(self, scene):
        scene.source.virsh("destroy", scene.guest.name)
        scene.before = verify.Before(scene.lab, scene.guest, scene.source, scene.target)
        super().__init__(scene)
        self.digests = {target: _digest(self.host, path) for target, (path, _) in self.old.items()}
        self.sizes = {target: _allocated(self.host, path) for target, (path, _) in self.old.items()}

    def judge_still(self, moved, same=True):
        """All on one side, byte for byte; nothing is left over."""
        scene, wanted = self.scene, self.new if moved else self.old
        seen = self.used(True)
        scene.check(seen == wanted, f"the definition names {seen}, not {wanted}")
        self.judge_leftovers(moved)
        for target, (path, _) in wanted.items() if same else ():
            scene.check(_digest(self.host, path) == self.digests[target], f"{path} does not hold what it held")
            took, takes = self.sizes[target], _allocated(self.host, path)
            scene.check(takes <= took * 1.02 + (1 << 16), f"{path} takes {takes >> 10} KiB, before {took >> 10}")
        self.settle_record(moved)
        if not moved and same:
            scene.problems += verify.until_good(lambda: verify.off_problems(scene.lab, scene.before))

    def run_on(self, run):
        """It starts, and finds what it wrote."""
        scene = self.scene
        self.host.virsh("start", self.guest.name)
        scene.observer.wait_beat(self.guest.name, 60, vantage=self.host.name)
        scene.problems += verify.guest_problems(scene.observer, self.guest, self.host)
        scene.before = verify.Before(scene.lab, self.guest, scene.source, scene.target)
        return run


def there_and_back(scene):
    move = Still(scene)
    run = move.start().wait()
    scene.check_exit(run, 0)
    move.judge_still(True)
    run = scene.ferry.run("rollback", run.answer["tx"], "-y", "--json")
    scene.check_exit(run, 0)
    move.judge_still(False)
    return move.run_on(run)


def here(scene):
    """vmferry runs on the host itself and was proved to see the files: no daemon carries their bytes."""
    move = Still(scene)
    run = move.start(wrapper=move.host.beside()).wait()
    scene.check_exit(run, 0)
    copied = _copied(scene, run)
    scene.check(len(copied) == 2 and all(one["read_here"] and one["written_here"] and one["synced"] for one in copied),
                f"it did not copy them itself: {copied}")
    move.judge_still(True)
    return move.run_on(run)


def elsewhere(scene):
    """A directory of the same path on vmferry's machine is not that of the host, though its file looks alike."""
    move = Still(scene)
    run = move.start().wait()
    scene.check_exit(run, 0)
    copied = _copied(scene, run)
    scene.check(copied and not any(one["read_here"] or one["written_here"] for one in copied),
                f"it took files of its own machine for the host's: {copied}")
    move.judge_still(True)
    return move.run_on(run)


def _copied(scene, run):
    """Bodies of COPIED."""
    entries = scene.ferry.run("audit", run.answer["tx"], "--json").answer["transactions"][0]["entries"]
    return [entry["body"] for entry in entries if entry["kind"] == "COPIED"]


LOOKS_S = 600  # An emulated appliance starts for each of two looks.


@contextmanager
def file_system(move):
    """vdb holds one for a while, instead of what the guest writes there."""
    path, kept = move.old["vdb"][0], "/var/lib/libvirt/vdb.kept"
    size = move.host.path(path).stat().st_size
    move.host.run(["mv", path, kept])
    move.host.run(["truncate", "-s", str(size), path])
    move.host.run(["mkfs.ext4", "-q", "-F", path])
    move.digests["vdb"], move.sizes["vdb"] = _digest(move.host, path), _allocated(move.host, path)
    yield
    move.host.run(["mv", "-f", kept, move.used(True)["vdb"][0]])


def verified(scene):
    """The plugin guestfs looks into originals and copies."""
    move = Still(scene)
    with file_system(move):
        run = move.start("--verify", "guestfs", wrapper=move.host.beside(), LIBGUESTFS_BACKEND="direct").wait(LOOKS_S)
        scene.check_exit(run, 0)
        move.judge_still(True)
    return move.run_on(run)


def damaged(scene):
    """A copy whose file system is not whole any more does not take the place of its original."""
    move = Still(scene)
    with file_system(move):
        hold = scene.ferry.hold("effect.copy:vdb.after")
        run = move.start("--verify", "guestfs", wrapper=move.host.beside(), LIBGUESTFS_BACKEND="direct", points=[hold])
        hold.wait(run, LOOKS_S)
        move.host.run(["dd", "if=/dev/zero", f"of={move.new['vdb'][0]}", "bs=1024", "seek=1", "count=1",
                       "conv=notrunc", "status=none"])
        hold.release()
        run.wait(LOOKS_S)
        scene.check_exit(run, 20)
        scene.check("VMF-E226" in run.text(), f"it does not say why: {run.last_words()}")
        move.judge_still(False, same=False)
    return move.run_on(run)


def kept(scene):
    """The old images stay, and go when that is asked for."""
    move = Still(scene)
    run = move.start("--keep-source").wait()
    scene.check_exit(run, 0)
    for target, (path, _) in move.old.items():
        scene.check(_digest(move.host, path) == move.digests[target], f"{path} is not what it was")
    run = scene.ferry.run("storage-move", move.guest.name, "--release", "-c", move.host.name, "--json")
    scene.check_exit(run, 0)
    move.judge_still(True)
    return move.run_on(run)


def one_disk(scene):
    """The other one stays where it is."""
    move = Still(scene)
    run = move.start("--disk", "vdb").wait()
    scene.check_exit(run, 0)
    move.new["vda"] = move.old["vda"]
    move.judge_still(True)
    return move.run_on(run)


@contextmanager
def held(move, point):
    hold = move.scene.ferry.hold(point)
    run = move.start(points=[hold])
    hold.wait(run)
    yield run
    hold.release()
    run.wait()


def started_meanwhile(point):
    """Somebody starts the VM on its old images: there it stays."""
    def story(scene):
        move = Still(scene)
        with held(move, point) as run:
            move.host.virsh("start", move.guest.name)
        scene.check_exit(run, 20)
        scene.observer.wait_beat(move.guest.name, 60, vantage=move.host.name)
        scene.check(move.used() == move.old, f"it runs on {move.used()}")
        move.judge_still(False, same=False)
        scene.before = verify.Before(scene.lab, move.guest, scene.source, scene.target)
        return run
    return story


def started_after_change(scene):
    """Somebody starts the VM right after its definition has changed: it runs on the new images, and the move goes on."""
    move = Still(scene)
    with held(move, "journal.COMMIT.after") as run:
        move.host.virsh("start", move.guest.name)
    scene.check_exit(run, 0)
    scene.observer.wait_beat(move.guest.name, 60, vantage=move.host.name)
    scene.check(move.used() == move.new, f"it runs on {move.used()}")
    move.judge_still(True, same=False)
    scene.before = verify.Before(scene.lab, move.guest, scene.source, scene.target)
    return run


def used_meanwhile(point, exits, crash=False):
    """Somebody uses the VM on its old images and shuts it down: they are newer, and it stays with them."""
    def story(scene):
        move = Still(scene)
        if crash:
            move.start(points=[f"{point}=crash-group"]).wait()
            _use(move)
            run = scene.settle()
        else:
            with held(move, point) as run:
                _use(move)
        scene.check_exit(run, *exits)
        move.judge_still(False, same=False)
        return move.run_on(run)
    return story


def _use(move):
    move.host.virsh("start", move.guest.name)
    move.scene.observer.wait_beat(move.guest.name, 60, vantage=move.host.name)
    time.sleep(1)
    move.host.virsh("destroy", move.guest.name)
    move.scene.mark("a human has used it")


def full(scene):
    """The datastore fills up while the images are copied to it."""
    move = Still(scene)
    with faults.small_disk(move.host, move.directory, size_mib=160) as place:
        hold = scene.ferry.hold("effect.copy:vda.before")
        run = move.start(points=[hold])
        hold.wait(run)
        _fill(place)
        hold.release()
        run.wait()
        (place / "filler").unlink(missing_ok=True)
        left = [path.name for path in place.iterdir() if path.name != "lost+found"]
        scene.check(not left, f"left over: {left}")
    scene.check_exit(run, 20)
    move.judge_still(False)
    return move.run_on(run)


def refusals(scene):
    """What files alone cannot do."""
    move = Still(scene)
    for words in (["--format", "raw"], ["--shallow"], ["--return-ticket"]):
        run = move.start(*words).wait()
        scene.check_exit(run, 10)
        scene.check("VMF-E223" in run.text(), f"{words}: {run.last_words()}")
    move.judge_still(False)
    return move.run_on(run)


def passes(scene):
    move = Still(scene)
    run = move.start().wait()
    scene.check_exit(run, 0)
    check_passes(scene, MOVE)
    move.judge_still(True)
    return move.run_on(run)


def killed(word, point, again=None):
    """Killed there; what comes next finds one side or the other. `again`: so is the settling."""
    def story(scene):
        move = Still(scene)
        run = move.start(points=[point.format("crash-group")]).wait()
        scene.check(run.exit == -9, f"vmferry was not killed at {point}: {run.last_words()}")
        if again:
            scene.settle(points=[f"{again}=crash-group"])
        run = scene.settle()
        scene.check_exit(run, 0)
        move.judge_still(_is_decided(word))
        return move.run_on(run)
    return story


def _is_decided(word):
    """From the changed definition on it goes forward."""
    words = [found for found, _ in points_of(MOVE)]
    return words.index(word) >= words.index("effect.define:source.after")


def _case(name, story, **options):
    return Case(f"offline/{name}", story, Expect(TOLD), TWO_DISKS, again=False, **options)


CASES = [
    _case("there-and-back", there_and_back, core=True),
    _case("here", here, core=True),
    _case("elsewhere", elsewhere),
    _case("verified", verified, fresh=True),
    _case("damaged", damaged, fresh=True),
    _case("kept", kept),
    _case("one-disk", one_disk),
    _case("secure", there_and_back, profile="secure"),
    _case("points", passes, core=True),
    _case("refusals", refusals),
    _case("full", full),
    _case("started/copying", started_meanwhile("effect.copy:vda.before"), core=True),
    _case("started/before-change", started_meanwhile("journal.PIVOT_INTENT.after")),
    _case("started/changed", started_after_change),
    _case("used/copying", used_meanwhile("journal.COPIED.after", (20,))),
    _case("used/change-killed", used_meanwhile("journal.PIVOT_INTENT.after", (0,), True), core=True),
    _case("again/undo", killed("journal.PIVOT_INTENT.after", "journal.PIVOT_INTENT.after={}@1",
                               "effect.undo.image:vdb.after")),
    _case("again/define-back", killed("journal.PIVOT_INTENT.after", "journal.PIVOT_INTENT.after={}@1",
                                      "effect.define-back:source.after")),
    *(_case(f"killed/{word}", killed(word, point), core=word in CORE_POINTS) for word, point in points_of(MOVE)),
]
