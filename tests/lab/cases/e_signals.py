"""The operator changes his mind, or his terminal goes away."""

import signal
import time

from casekit.case import BACK, COMMITTED, Case, Expect


def stopped_in_precopy(number, group=False, times=1):
    def story(scene):
        run = scene.migrate()
        scene.wait_precopy(run)
        time.sleep(0.2)
        for _ in range(times):
            scene.mark(signal.Signals(number).name)
            (run.signal_group if group else run.signal)(number)
            time.sleep(0.1)
        run.wait()
        return run if times == 1 else _settled(scene, run)
    return story


def _settled(scene, run):
    """A second Ctrl-C may leave clean-up for later; that is a debt, and it is paid here."""
    scene.check_exit(run, 21, 130)
    return scene.settle() if run.exit == 21 else run


def stopped_when_reserved(scene):
    """Before the migrate call there is nothing to abort, only to take back."""
    run, hold = scene.held_at("journal.SWITCH_INTENT.before")
    run.signal(signal.SIGINT)
    time.sleep(0.1)
    hold.release()
    return run.wait()


def signalled_after_commit(*numbers):
    def story(scene):
        run, hold = scene.held_at("journal.COMMIT.after")
        for number in numbers:
            run.signal(number)
            time.sleep(0.05)
        hold.release()
        return run.wait()
    return story


def terminal_gone(scene):
    """HUP, and Ctrl-Z from the same terminal: a stopped client would be a dead client to libvirt."""
    run, hold = scene.held_at("effect.migrate.before")
    for number in (signal.SIGTSTP, signal.SIGHUP):
        run.signal_group(number)
        time.sleep(0.1)
    hold.release()
    return run.wait()


CASES = [
    Case("signal/int", stopped_in_precopy(signal.SIGINT), Expect(BACK, exits=(130,), outage_s=2.0), slow=True,
         core=True),
    Case("signal/int-from-terminal", stopped_in_precopy(signal.SIGINT, group=True),
         Expect(BACK, exits=(130,), outage_s=2.0), slow=True, core=True),
    Case("signal/term", stopped_in_precopy(signal.SIGTERM), Expect(BACK, exits=(143,), outage_s=2.0), slow=True,
         core=True),
    Case("signal/int-twice", stopped_in_precopy(signal.SIGINT, times=2), Expect(BACK, outage_s=2.0), slow=True),
    Case("signal/int-reserved", stopped_when_reserved, Expect(BACK, exits=(130,), outage_s=2.0)),
    Case("signal/int-after-commit", signalled_after_commit(signal.SIGINT), Expect(COMMITTED, exits=(0,)), core=True),
    Case("signal/term-after-commit", signalled_after_commit(signal.SIGTERM), Expect(COMMITTED, exits=(0,))),
    Case("signal/int-twice-after-commit", signalled_after_commit(signal.SIGINT, signal.SIGINT),
         Expect(COMMITTED)),
    Case("signal/terminal-gone", terminal_gone, Expect(COMMITTED, exits=(0,))),
]
