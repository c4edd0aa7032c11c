"""The guest itself goes its way while it is moved, or its emulator dies."""

import os
import signal
import time

from casekit.case import COMMITTED, OFF
from casekit.modes import GUARDED, P2P, in_modes, settled

REBOOT_LIMIT_S = 60


def told_in_precopy(word, boots=False):
    """`word`: what the guest is told to do."""
    def story(scene, words):
        run = scene.migrate(*words)
        scene.wait_precopy(run)
        time.sleep(0.3)
        scene.mark(f"the guest: {word}")
        scene.guest.command(word)
        scene.hurry()
        run.wait()
        if boots:
            scene.observer.wait_beat(scene.guest.name, REBOOT_LIMIT_S)
        return settled(scene, run)
    return story


def kill_source_emulator(scene):
    scene.mark("kill -9 of the source's QEMU")
    os.kill(scene.source.qemu_pid(scene.guest.name), signal.SIGKILL)
    time.sleep(0.5)


def emulator_in_precopy(scene, words):
    run = scene.migrate(*words)
    scene.wait_precopy(run)
    time.sleep(0.3)
    kill_source_emulator(scene)
    run.wait()
    return settled(scene, run)


def emulator_in_window(point):
    """The target has all of the memory, and the source executed nothing since."""
    def story(scene, words):
        run, hold = scene.held_at(point)
        kill_source_emulator(scene)
        hold.release()
        run.wait()
        return settled(scene, run)
    return story


_OFF = {GUARDED: OFF, P2P: OFF}
CASES = [
    *in_modes("guest/poweroff", told_in_precopy("poweroff"), _OFF, exits=(), slow=True, again=False, core=(GUARDED,)),
    *in_modes("guest/reboot", told_in_precopy("reboot", boots=True), {GUARDED: COMMITTED, P2P: COMMITTED}, slow=True),
    *in_modes("guest/source-qemu-in-precopy", emulator_in_precopy, _OFF, exits=(), slow=True, again=False),
    *in_modes("guest/source-qemu-before-commit", emulator_in_window("journal.COMMIT.before"), {GUARDED: COMMITTED}),
    *in_modes("guest/source-qemu-after-commit", emulator_in_window("journal.COMMIT.after"), {GUARDED: COMMITTED}),
]
