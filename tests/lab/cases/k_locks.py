"""With libvirt's lock manager: the same moves and ways back, and no lease that is left behind."""

from dataclasses import replace

from casekit.case import BACK, COMMITTED, LOADED
from casekit.modes import GUARDED, P2P, in_modes, settled

# Leases are taken for files, not for iSCSI.
_FILE = replace(LOADED, storage="dir")


def moves(scene, words):
    return scene.migrate(*words).wait()


def finish_lost(scene, words):
    """The lock manager would refuse a second start; vmferry never comes to ask it."""
    with scene.relayed(scene.target) as relay:
        answer = relay.rule("finish3", "reply", "reset", times=1)
        run = scene.migrate(*words)
        answer.wait()
        run.wait()
    return settled(scene, run)


def killed(point):
    def story(scene, words):
        scene.migrate(*words, points=[f"{point}=crash-group"]).wait()
        return scene.settle_patiently()
    return story


_BOTH_ON, _BOTH_BACK = {GUARDED: COMMITTED, P2P: COMMITTED}, {GUARDED: BACK, P2P: BACK}
CASES = [case for name, story, places in (
    ("moves", moves, _BOTH_ON), ("finish-lost", finish_lost, _BOTH_BACK),
    ("killed-before-commit", killed("journal.COMMIT.before"), {GUARDED: BACK, P2P: COMMITTED}),
    ("killed-after-commit", killed("journal.COMMIT.after"), {GUARDED: COMMITTED}))
    for case in in_modes(f"locks/{name}", story, places, _FILE, profile="locks")]
