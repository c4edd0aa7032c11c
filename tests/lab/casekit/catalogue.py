"""The catalogue of faults: each with the cases that prove it, or the reason why the lab has none.

`run-cases --faults` prints it; FAULTS.md is what it printed, and a test compares the two.
"""

import fnmatch

SIMULATOR = "the simulator"
STORAGE = "storage is moved by a command of its own, with cases of its own"
POSTCOPY = "post-copy is a mode of its own, with cases of its own"

# Number, what happens, then patterns of cases' names, or one sentence why there is none.
FAULTS = [
    ("D01", "the target cannot be reached", ["refused/target-away"]),
    ("D02", "both hosts say the same host UUID", ["uuid/same/*"]),
    ("D03", "an unsafe disk: not shared, cached", ["refused/local-disk"]),
    ("D04", "a medium is missing at the target", "the lab's guests have no removable media; unit tests of the check"),
    ("D05", "memory is missing at the target", ["memory/missing/*"]),
    ("D06", "CPU model or machine type unknown at the target",
     "both hosts of the lab are one machine with one QEMU; unit tests of the checks"),
    ("D07", "an address that is none", ["refused/no-such-host"]),
    ("D08", "a volume of another size exists at the target", ["copy/exists"]),
    ("D09", "an unprivileged user on one side", "the lab's daemons know no users; unit tests of the errors"),
    ("D10", "another job works on the VM", ["refused/two-at-once", "human/precopy/migrate-source/*"]),
    ("D11", "an unknown ssh host key", ["host/ssh-key-unknown"]),
    ("D12", "the plan is stale", ["plan/autostart-changed", "plan/definition-changed"]),
    ("D13", "killed after BEGIN, before anything was done", ["crash/*/journal.BEGIN.after"]),
    ("D14", "killed after something was created, before it is noted as done",
     ["crash/*/effect.marker:source.after", "crash/*/effect.domain:target.*"]),
    ("D15", "a volume cannot be created", STORAGE),
    ("D17", "the reply of Prepare is lost", ["protocol/prepare3-reply-*"]),
    ("D18", "the target's daemon dies in Prepare", ["daemon/target-killed-in-prepare/*"]),
    ("D19", "wrong certificates", ["tls/*"]),
    ("D20", "--tls-destination wrong, then right", ["tls/*"]),
    ("D21", "the first migration port is taken", ["port/taken/*"]),
    ("D23", "stopped before QEMU sends", ["signal/int-reserved"]),
    ("D24", "the target's QEMU cannot start", ["memory/missing/*"]),
    ("D25", "the source's domain is destroyed in Prepare", ["human/prepare/destroy-source/*"]),
    ("D26", "the target's disk is full", ["copy/no-room", "copy/target-full"]),
    ("D27", "stopped while storage is copied", ["copy/interrupted", "storage/interrupted"]),
    ("D28", "read or write errors of a mirror", STORAGE),
    ("D29", "the storage connection is cut", ["copy/parted"]),
    ("D31", "the stream of memory or storage stalls for ever",
     ["fault/precopy/*-by-unix", "fault/precopy/between-hosts"]),
    ("D32", "a mirror never converges", STORAGE),
    ("D33", "the guest is powered off while storage is copied", ["copy/stopped", "storage/stopped-*"]),
    ("D34", "killed while a mirror runs", ["copy/killed"]),
    ("D35", "an incremental copy without a volume", STORAGE),
    ("D36", "a human aborts the job in pre-copy", ["human/precopy/domjobabort-source/*"]),
    ("D37", "Ctrl-C in pre-copy", ["signal/int*"]),
    ("D38", "kill -9 of vmferry in pre-copy, daemons go on alone", ["routes/p2p-killed*"]),
    ("D39", "a human aborts at the target", ["human/precopy/domjobabort-target/*"]),
    ("D40", "the target's domain is destroyed before the pause", ["human/precopy/destroy-target/*"]),
    ("D41", "the source's domain is destroyed", ["human/precopy/destroy-source/*"]),
    ("D42", "the target's QEMU dies before the pause", ["fault/precopy/target-qemu"]),
    ("D43", "the source's QEMU dies", ["guest/source-qemu-*"]),
    ("D44", "the source's daemon dies in pre-copy", ["fault/precopy/source-libvirtd"]),
    ("D45", "the target's daemon dies in pre-copy", ["fault/precopy/target-libvirtd"]),
    ("D46", "a daemon is stopped politely", ["daemon/source-stopped/*", "daemon/target-stopped/*"]),
    ("D48", "virtiofsd dies", "libvirt 9.0 does not migrate a guest with virtiofs at all; unit test of the check"),
    ("D49", "parted for longer than the keepalive", ["keepalive/quick-cut/*", "fault/precopy/between-hosts"]),
    ("D51", "no keepalive, and the cut heals", ["keepalive/off-cut-heals/*"]),
    ("D53", "memory is dirtied faster than the link carries it", ["converge/*"]),
    ("D54", "the guest reboots, or is paused, on its way",
     ["guest/reboot/*", "human/precopy/suspend-source/*", "human/precopy/reset-source/*"]),
    ("D55", "a zero-copy move is stopped", "libvirt 9.0 has it for parallel moves with locked memory only, which "
     "emulation does not do"),
    ("D57", "a human aborts inside the downtime", ["human/window/domjobabort-source/*"]),
    ("D58", "vmferry dies inside the downtime", ["crash/worker/journal.COMMIT.before", "crash/both/journal.COMMIT.*"]),
    ("D59", "the target's QEMU dies after the pause", ["fault/before-commit/target-qemu", "fault/finish/target-qemu"]),
    ("D60", "the target's domain is destroyed after the pause", ["human/window/destroy-target/*"]),
    ("D61", "the source's daemon dies in Perform", ["fault/precopy/source-libvirtd"]),
    ("D62", "the source's daemon dies after Perform", ["fault/before-commit/source-libvirtd"]),
    ("D65", "the target's CPUs do not start", ["switch/refused", "routes/wait-refused"]),
    ("D66", "the source host is lost while paused", ["fault/before-commit/source-host", "switch/source-dead"]),
    ("D67", "the target host is lost while the source is paused",
     ["fault/finish/target-host", "fault/before-commit/target-host"]),
    ("D69", "the reply of Finish is lost", ["routes/*-finish-lost", "protocol/finish3-reply-*"]),
    ("D70", "the same with a lock manager", ["locks/finish-lost/*"]),
    ("D71", "the target's daemon dies in Finish, before its CPUs run", ["fault/finish/target-libvirtd"]),
    ("D72", "the target's daemon dies in Finish, after its CPUs run", ["fault/after-commit/target-libvirtd"]),
    ("D73", "killed between the resume and the record", ["crash/*/effect.resume:target.after"]),
    ("D75", "the target host is lost just after COMMIT", ["fault/before-resume/target-host"]),
    ("D76", "Confirm is lost", ["protocol/confirm3-*"]),
    ("D77", "the source's daemon dies in Confirm", ["daemon/source-killed-in-confirm/*"]),
    ("D78", "the source cannot be undefined", ["human/window/undefine-source/*", "crash/*/effect.definition:source.*"]),
    ("D79", "killed before the announcement", ["crash/*/effect.announce:target.before"]),
    ("D80", "announcements are lost", ["announce/migrate*"]),
    ("D82", "persisted at the target, not undefined at the source", ["crash/*/effect.definition:source.before"]),
    ("D83", "killed during a block copy",
     ["storage/both/*", "storage/worker/*", "storage/killed-some-time/*"]),
    ("D84", "QEMU dies during a block copy",
     ["storage/stopped-while-copying", "storage/destroyed-*", "storage/emulator-killed"]),
    ("D86", "the target volume is full, gone, read-only",
     ["storage/target-*"]),
    ("D87", "the guest shuts down during a block copy", ["storage/powered-off"]),
    ("D89", "the target dies in post-copy", POSTCOPY),
    ("D90", "the source dies in post-copy", POSTCOPY),
    ("D91", "the network is cut in post-copy", POSTCOPY),
    ("D92", "post-copy is aborted or resumed wrongly", POSTCOPY),
    ("D93", "daemons die in post-copy", POSTCOPY),
    ("D94", "killed at each step of the way back", ["crash/way-back/*", "crash/way-on/*"]),
    ("D96", "the journal is torn or altered", f"{SIMULATOR} and the journal's unit tests: a disk that loses or tears any "
     "sector"),
    ("D97", "the journal is lost", ["lost/*", "journal/*"]),
    ("D99", "the clock jumps", ["clock/*"]),
    ("D100", "no files, no memory, nobody who reads", ["starved/*", "mute/*", "disk/*", "refused/journal-*"]),
    ("D102", "one of many moves fails", "plans of many VMs have cases of their own"),
    ("D104", "a waiting move is cancelled", "plans of many VMs have cases of their own"),
    ("D105", "something outside fails in the end", ["hooks/fails-at-end"]),
]

_HEAD = """\
# The catalogue of faults

What is done to moves of memory on the lab, and where it is done; `*` stands for several cases. Printed by
`tests/lab/run-cases --faults`; a test compares.

| fault | what happens | cases |
|---|---|---|
"""


def text(cases):
    """The table as Markdown; raises ValueError for a pattern that no case has."""
    names = [case.name for case in cases]
    lines = []
    for number, title, proof in FAULTS:
        if isinstance(proof, str):
            lines.append(f"| {number} | {title} | none: {proof} |\n")
            continue
        for pattern in proof:
            if not fnmatch.filter(names, pattern):
                raise ValueError(f"{number}: no case is called {pattern}")
        lines.append(f"| {number} | {title} | {', '.join(f'`{pattern}`' for pattern in proof)} |\n")
    return _HEAD + "".join(lines)
