"""What `precheck --deep` says of a VM's disks: in use, seen from elsewhere, and from the host that has them."""

from casekit.case import OFF, Case, Expect, GuestKind

INSPECTION_LIMIT_S = 400
_CONTENTS = ("VMF-S050", "VMF-S051", "VMF-S052", "VMF-S053")


def _deep(scene, **options):
    """The findings about contents of disks, as "ID severity message"."""
    run = scene.ferry.run("precheck", scene.guest.name, scene.target.name, "-c", scene.source.name, "--deep", "--json",
                          limit=INSPECTION_LIMIT_S, **options)
    checks = run.answer.get("checks", [])
    return run, [f"{one['id']} {one['severity']} {one['message']}" for one in checks if one["id"] in _CONTENTS]


def _inside(host):
    """A command in front of another that makes it run on that host, with the environment that it has here."""
    words = host.enter([])
    return words[:words.index("--") + 1]


def _expect(scene, findings, *wanted):
    for text in wanted:
        scene.check(any(text in finding for finding in findings), f"no '{text}' in {findings}")


def looked_into(scene):
    _, findings = _deep(scene)
    _expect(scene, findings, "VMF-S050 info in use")
    scene.source.virsh("destroy", scene.guest.name)
    # The same path on another machine is another file: its nonce is not seen there.
    _, findings = _deep(scene)
    _expect(scene, findings, "VMF-S050 info not looked into: a file written through")
    run, findings = _deep(scene, wrapper=_inside(scene.source))
    _expect(scene, findings, "VMF-S051 ok", "VMF-S053 info no operating system")
    scene.check(not any("VMF-S050" in finding for finding in findings), f"something was left out: {findings}")
    return run


CASES = [
    # A VM that is off cannot be moved live: 10.
    Case("inspection/deep", looked_into, Expect(OFF, exits=(10,)), GuestKind(storage="local", dirty_mib_s=0),
         again=False, fresh=True),
]
