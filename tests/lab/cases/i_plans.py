"""Plans on paper: carried out exactly, once, or refused with what has changed."""

import json

from casekit.case import BACK, COMMITTED, Case, Expect
from labkit import shell


def planned(scene, *words):
    """A plan file of this move; the VM stays as it is."""
    path = scene.ferry.directory / "move.plan"
    run = scene.ferry.run("plan", scene.guest.name, scene.target.name, "-c", scene.source.name, "-O", path, *words)
    scene.check_exit(run, 0)
    return path


def carried_out(scene):
    """The transaction is the one that the plan names, its steps are what the journal lists, and it is used up."""
    path = planned(scene)
    plan = json.loads(path.read_text())["moves"][0]
    run = scene.ferry.run("migrate", "--plan", path, "--json")
    scene.check(run.answer.get("tx") == plan["plan"]["transaction"], f"another transaction: {run.answer.get('tx')}")
    again = scene.ferry.run("migrate", "--plan", path, "--json")
    scene.check(again.answer.get("changed") is False, f"carried out twice: {again.last_words()}")
    return run


def refused_after(scene, change, fact):
    path = planned(scene)
    change(scene)
    scene.rebase()
    run = scene.ferry.run("migrate", "--plan", path, "--json")
    scene.check(fact in run.text(), f"it does not name {fact}: {run.last_words()}")
    return run


def autostart_changed(scene):
    try:
        return refused_after(scene, lambda s: s.source.virsh("autostart", s.guest.name), "autostart was false")
    finally:
        scene.source.virsh("autostart", "--disable", scene.guest.name)
        scene.rebase()


def description_changed(scene):
    """A change of the definition that no single field of the plan speaks of."""
    def change(story):
        story.source.virsh("desc", story.guest.name, "--config", "--live", "--new-desc", "changed")
    try:
        return refused_after(scene, change, "definition was")
    finally:
        scene.source.virsh("desc", scene.guest.name, "--config", "--live", "--new-desc", "")
        scene.rebase()


def signed(scene):
    """By the right key it goes; with one letter changed, or signed by nobody, it does not."""
    directory = scene.ferry.directory
    key = directory / "ops"
    shell.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key])
    key.chmod(0o600)
    shell.run(["openssl", "pkey", "-in", key, "-pubout", "-out", f"{key}.pub"])
    config = directory / "vmferry.toml"
    config.write_text(config.read_text() + f'[plan]\nkeys = ["{key}.pub"]\nrequire_signature = true\n')
    unsigned = planned(scene)
    scene.check_exit(scene.ferry.run("migrate", "--plan", unsigned, "--json"), 65)
    path = planned(scene, "--sign", key)
    forged = directory / "forged.plan"
    forged.write_text(path.read_text().replace('"algorithm":"ed25519"', '"algorithm":"none"'))
    scene.check_exit(scene.ferry.run("migrate", "--plan", forged, "--json"), 65)
    return scene.ferry.run("migrate", "--plan", path, "--json")


def dry_run(scene):
    """Says all of it and does nothing."""
    run = scene.ferry.run("migrate", "-n", scene.guest.name, scene.target.name, "-c", scene.source.name,
                          "--print-diff")
    for word in ("reserve", "COMMIT", "Relies on", "vm.live_definition", "can migrate",
                 f"--- {scene.guest.name} on {scene.source.name}", "vmferry:marker"):
        scene.check(word in run.text(), f"no word of {word}: {run.last_words()}")
    return run


CASES = [
    Case("plan/carried-out", carried_out, Expect(COMMITTED, exits=(0,)), core=True),
    Case("plan/autostart-changed", autostart_changed, Expect(BACK, exits=(65,), outage_s=2.0)),
    Case("plan/definition-changed", description_changed, Expect(BACK, exits=(65,), outage_s=2.0), core=True),
    Case("plan/signed", signed, Expect(COMMITTED, exits=(0,))),
    Case("plan/dry-run", dry_run, Expect(BACK, exits=(0,), outage_s=2.0)),
]
