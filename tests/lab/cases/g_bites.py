"""Do the judges bite? virsh does the work here, badly on purpose; a case passes when that is found.

Without these a green run could mean that nothing was looked at.
"""

from dataclasses import replace

from casekit.case import BACK, COMMITTED, LOADED, TOLD, Case, Expect

_URI = "http://vmferry.example/lab"


def bites(sabotage, place, word):
    """`sabotage(scene)` leaves something wrong; a problem with `word` must be found."""
    def story(scene):
        undo = sabotage(scene)
        try:
            scene.judge(place)
        finally:
            if undo:
                undo()
        found = [problem for problem in scene.problems if word in problem]
        others = [problem for problem in scene.problems if word not in problem]
        scene.problems[:] = [] if found else [f"nobody noticed '{word}'; found was: {others}"]
        scene.notes.append(f"found: {found[0][:70] if found else 'nothing'}")
    return story


def _virsh_move(scene, *flags):
    scene.source.virsh("migrate", "--live", "--unsafe", "--persistent", *flags, scene.guest.name,
                       scene.target.uri("tcp"))


def source_definition_left(scene):
    _virsh_move(scene)


def autostart_lost(scene):
    _virsh_move(scene, "--undefinesource")


def marker_left(scene):
    scene.source.virsh("metadata", scene.guest.name, "--live", "--config", "--uri", _URI, "--key", "vmferry",
                       "--set", "<transaction/>")


def target_definition_left(scene):
    xml = scene.ferry.directory / "left.xml"
    xml.write_text(scene.source.virsh("dumpxml", "--inactive", scene.guest.name))
    scene.target.virsh("define", xml)


def file_left(scene):
    path = scene.target.path("/var/lib/libvirt/shared/vmferry-probe")
    path.touch()
    return path.unlink


def pool_left(scene):
    scene.target.virsh("pool-create-as", "left", "dir", "--target", "/var/lib/libvirt/images")
    return lambda: scene.target.virsh("pool-destroy", "left")


def setting_changed(scene):
    scene.source.virsh("migrate-setmaxdowntime", scene.guest.name, "77")


def restarted(scene):
    """Same definition, same host, running: but another instance, its memory is gone."""
    scene.source.virsh("destroy", scene.guest.name)
    scene.source.virsh("start", scene.guest.name)


_SABOTAGES = [
    (source_definition_left, COMMITTED, "still knows"), (autostart_lost, COMMITTED, "autostart"),
    (marker_left, BACK, "marker"), (target_definition_left, BACK, "now there"), (file_left, BACK, "left over"),
    (pool_left, BACK, "pools"), (setting_changed, BACK, "max_downtime"), (restarted, BACK, "id"),
]

CASES = [Case(f"bites/{sabotage.__name__.replace('_', '-')}", bites(sabotage, place, word), Expect(TOLD),
              replace(LOADED, autostart=True), core=sabotage in (source_definition_left, marker_left), again=False,
              fresh=True)
         for sabotage, place, word in _SABOTAGES]
