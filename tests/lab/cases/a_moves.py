"""A VM under load moves there and back: nothing lost, nothing left, everything as it was."""

from dataclasses import replace

from casekit.case import COMMITTED, LOADED, TOLD, Case, Expect, GuestKind

ROUND_TRIPS_CORE, ROUND_TRIPS_ALL = 2, 10
BUSY = GuestKind(dirty_mib_s=16, working_set_mib=24)


def there_and_back(times):
    def story(scene):
        gaps = []
        for _ in range(2 * times):
            begin = scene.begin
            scene.move()
            gaps.append(scene.observer.max_gap(scene.guest.name, since=begin))
        gaps.sort()
        scene.notes.append(f"{len(gaps)} moves, gaps {gaps[0] * 1000:.0f} {gaps[len(gaps) // 2] * 1000:.0f} "
                           f"{gaps[-1] * 1000:.0f} ms (least, median, most)")
    return story


def moves_paused(scene):
    """It arrives paused, can be moved back without having run, and runs on when its user wants."""
    scene.move()
    scene.move()
    scene.move()
    scene.source.virsh("resume", scene.guest.name)
    scene.observer.wait_beat(scene.guest.name, vantage=scene.source.name)
    scene.guest.command("stat", timeout=10)


def plain_move(scene):
    return scene.migrate().wait()


_KINDS = {
    "iscsi": replace(BUSY, autostart=True),
    "gluster": replace(BUSY, storage="gluster", disk_format="qcow2"),
    "dir": replace(BUSY, storage="dir", transient=True),
}

CASES = [
    *(Case(f"moves/{name}-{times}x", there_and_back(times), Expect(TOLD), kind, core=times == ROUND_TRIPS_CORE,
           again=False)
      for name, kind in _KINDS.items() for times in (ROUND_TRIPS_CORE, ROUND_TRIPS_ALL)),
    Case("moves/gluster-raw", there_and_back(2), Expect(TOLD), replace(BUSY, storage="gluster"), again=False),
    Case("moves/uefi", there_and_back(2), Expect(TOLD), replace(LOADED, uefi=True), again=False),
    Case("moves/paused", moves_paused, Expect(TOLD), replace(LOADED, paused=True), core=True, again=False),
    *(Case(f"uri/{kind}", plain_move, Expect(COMMITTED, exits=(0,)), uris=kind, core=True)
      for kind in ("tcp", "unix", "ssh")),
    *(Case(f"secure/{name}", there_and_back(2), Expect(TOLD), replace(LOADED, storage=name), again=False,
           profile="secure") for name in ("gluster", "iscsi", "dir")),
]
