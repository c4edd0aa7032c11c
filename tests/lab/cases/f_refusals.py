"""vmferry says no, and nothing has changed."""

from casekit.case import BACK, COMMITTED, Case, Expect, GuestKind
from labkit import faults

_READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
_FULL = ('truncate -s 8M "$0.img" && mkfs.ext4 -q -m 0 -F "$0.img" && mount -o loop "$0.img" "$0" && '
         '{ cat /dev/zero >"$0/filler" 2>/dev/null || :; } && exec "$@"')


def refused(scene):
    return scene.migrate().wait()


def no_journal(script):
    """In a mount namespace of its own, so that the file system vanishes with vmferry."""
    def story(scene):
        directory = scene.ferry.journal.parent
        directory.mkdir()
        run = scene.migrate(wrapper=["unshare", "-m", "sh", "-c", script, directory]).wait()
        (directory.parent / f"{directory.name}.img").unlink(missing_ok=True)
        return run
    return story


def two_at_once(scene):
    """The second one says "later", whoever's journal it has, and the first does not notice."""
    run, hold = scene.held_at("journal.SWITCH_INTENT.before")
    scene.check_exit(scene.migrate().wait(), 75)
    scene.check_exit(scene.migrate(VMFERRY_JOURNAL=f"{scene.ferry.journal}-2").wait(), 75)
    hold.release()
    return run.wait()


def host_away(scene):
    with faults.link_cut(scene.target):
        return scene.migrate().wait()


def no_such(vm=None, host=None):
    def story(scene):
        return scene.ferry.run("migrate", vm or scene.guest.name, host or scene.target.name,
                               "-c", scene.source.name, "--json")
    return story


CASES = [
    Case("refused/local-disk", refused, Expect(BACK, exits=(10,), outage_s=2.0), GuestKind(storage="local"),
         core=True, again=False),
    Case("refused/journal-read-only", no_journal(_READ_ONLY), Expect(BACK, exits=(74,), outage_s=2.0), core=True),
    Case("refused/journal-full", no_journal(_FULL), Expect(BACK, exits=(74,), outage_s=2.0), core=True),
    Case("refused/two-at-once", two_at_once, Expect(COMMITTED, exits=(0,)), core=True),
    Case("refused/target-away", host_away, Expect(BACK, exits=(69,), outage_s=2.0)),
    Case("refused/no-such-vm", no_such(vm="nobody"), Expect(BACK, exits=(66,), outage_s=2.0)),
    Case("refused/no-such-host", no_such(host="nowhere"), Expect(BACK, exits=(68,), outage_s=2.0)),
]
