"""The network is told where the VM is, and asked whether it knows."""

import time

from casekit.case import BACK, COMMITTED, Case, Expect
from labkit import shell


def announced(scene, *words, host=None, **options):
    return scene.ferry.run("announce", scene.guest.name, "-c", (host or scene.source).name, "--json", *words,
                           **options)


def mac(scene):
    return scene.lab.names.guest_mac(scene.guest.record["number"])


def switch_entries(scene):
    """Ports of the lab's switch that have learned the guest."""
    table = shell.run(["bridge", "-n", scene.lab.names.switch_netns, "fdb", "show"]).stdout
    return [line.split()[2] for line in table.splitlines() if line.startswith(mac(scene) + " ")]


def forget(scene):
    """The switch loses the guest, as one that was restarted."""
    for port in switch_entries(scene):
        shell.run(["bridge", "-n", scene.lab.names.switch_netns, "fdb", "del", mac(scene), "dev", port, "master"])


def on_host(host):
    """A wrapper: the network and the name of the host, the files of the controller."""
    return ["nsenter", "-t", str(host.record.pid()), "-n", "-u", "--"]


def answers(scene):
    run = announced(scene, "--probe", scene.guest.address)
    told = run.answer["interfaces"][0] if run.exit == 0 else {}
    scene.check(told.get("verified") is True and told["answers"][0]["method"] == "arp", f"not by ARP: {told}")
    return run


def nobody_answers(scene):
    run = announced(scene, "--probe", scene.lab.names.address_of_number(199), "--count", "2")
    scene.check("nobody was seen" in run.text(), run.last_words())
    return run


def frames(scene):
    """A silent guest: the switch learns its port from our frames alone."""
    scene.guest.command("hb 3000")
    time.sleep(0.3)
    forget(scene)
    scene.check(switch_entries(scene) == [], "the guest is not silent")
    run = announced(scene, "--interface", "br0", "--count", "1", wrapper=on_host(scene.source))
    scene.check(switch_entries(scene) == [scene.source.port], f"the switch knows it at {switch_entries(scene)}")
    scene.guest.command("hb 5")
    time.sleep(3)
    return run


def frames_from_elsewhere(scene):
    return announced(scene, "--interface", "br0", wrapper=on_host(scene.target))


def learned(scene):
    """On the host itself its bridge is asked."""
    run = announced(scene, "--verify", wrapper=on_host(scene.source))
    port = run.answer["interfaces"][0]["learned_on"] if run.exit == 0 else None
    scene.check(str(port).startswith("br0/vnet"), f"learned on {port}")
    return run


def migrated_until_it_answers(scene):
    run = scene.migrate("--probe", scene.guest.address).wait()
    scene.check((run.answer.get("announce") or {}).get("answers") == [scene.guest.address],
                f"no answer in the result: {run.answer.get('announce')}")
    return run


def migrated_and_silent(scene):
    """The VM is where it was to go; only the proof is owed, until somebody asks at the right address."""
    run = scene.migrate("--probe", scene.lab.names.address_of_number(199)).wait()
    scene.check("nobody answers at" in run.text(), run.last_words())
    scene.check_exit(scene.settle(), 22)
    return run


CASES = [
    Case("announce/answers", answers, Expect(BACK, exits=(0,)), core=True, again=False),
    Case("announce/nobody", nobody_answers, Expect(BACK, exits=(1,)), again=False),
    Case("announce/frames", frames, Expect(BACK, exits=(0,)), again=False, fresh=True),
    Case("announce/frames-from-elsewhere", frames_from_elsewhere, Expect(BACK, exits=(64,)), again=False),
    Case("announce/learned", learned, Expect(BACK, exits=(0,)), again=False),
    Case("announce/migrate", migrated_until_it_answers, Expect(COMMITTED, exits=(0,)), core=True),
    Case("announce/migrate-silent", migrated_and_silent, Expect(COMMITTED, exits=(22,)), again=False, fresh=True),
]
