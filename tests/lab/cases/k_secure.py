"""Debian's default security settings: whoever ends a copy, the image belongs to the emulator that goes on.

The judges compare owner, mode and attributes of each image with the before image: a daemon that ends its copy gives
the files back to root, unless it knows that another host uses them. Of disks that move or are copied, the new images
belong to whom the old ones did.
"""

import signal
from dataclasses import replace
from xml.etree import ElementTree

from casekit.case import BACK, COMMITTED, LOADED, TOLD, Case, Expect

from cases import k_copy, k_storage
from cases.b_crashes import killed_both, killed_worker
from cases.e_signals import stopped_in_precopy

BEFORE, AFTER = "journal.COMMIT.before={}", "journal.COMMIT.after={}"
_STORIES = {"killed-before-commit": (killed_both(BEFORE), BACK, (0,), False),
            "killed-after-commit": (killed_both(AFTER), COMMITTED, (0,), False),
            "guardian-back": (killed_worker(BEFORE), BACK, (20,), False),
            "guardian-on": (killed_worker(AFTER), COMMITTED, (0,), False),
            "stopped": (stopped_in_precopy(signal.SIGINT), BACK, (130,), True)}



def _access(scene):
    """{target: (uid, gid, mode)} of the images that the running VM uses, and where it runs."""
    host = next(host for host in (scene.source, scene.target)
                if scene.guest.name in host.virsh("list", "--name").split())
    definition = ElementTree.fromstring(host.virsh("dumpxml", scene.guest.name))
    files = {disk.find("target").get("dev"): host.path(disk.find("source").get("file")).stat()
             for disk in definition.iter("disk")}
    return {target: (file.st_uid, file.st_gid, oct(file.st_mode)) for target, file in files.items()}


def _same_access(story):
    def told(scene):
        before = _access(scene)
        scene.check(all(uid for uid, _, _ in before.values()), f"QEMU is root: {before}")
        run = story(scene)
        now = _access(scene)
        scene.check(now == before, f"the images belonged to {before}, and belong to {now}")
        return run
    return told


# Of copies and of disks that move: there and back, killed on both sides of COMMIT, and taken back.
_DISKS = {"copy/there-and-back": (k_copy.there_and_back, (0,)),
          "copy/killed-before-commit": (k_copy.killed("journal.COMMIT.before", BEFORE, True), (0,)),
          "copy/killed-after-commit": (k_copy.killed("journal.COMMIT.after", AFTER, True), (0,)),
          "copy/mapped": (k_copy.mapped, (0,)),
          "storage/there-and-back": (k_storage.there_and_back, (0,)),
          "storage/killed-before-commit": (k_storage.killed("effect.suspend:source.after",
                                                            "effect.suspend:source.after={}", True), (0,)),
          "storage/killed-after-commit": (k_storage.killed("journal.COMMIT.after", AFTER, True), (0,))}
_CORE = ("copy/killed-before-commit", "storage/there-and-back")


CASES = [Case(f"secure/{storage}/{name}", story, Expect(place, exits), replace(LOADED, storage=storage), slow=slow,
              profile="secure", core=(storage, name) in (("gluster", "killed-before-commit"), ("dir", "killed-after-commit")))
         for storage in ("gluster", "dir") for name, (story, place, exits, slow) in _STORIES.items()]
CASES += [Case(f"secure/{name}", _same_access(story), Expect(TOLD, exits), k_storage.TWO_DISKS, profile="secure",
               again=False, core=name in _CORE) for name, (story, exits) in _DISKS.items()]
