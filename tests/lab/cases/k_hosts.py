"""Daemons that are stopped politely, links between them, ports, memory and settings of the hosts."""

import signal
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from casekit.case import BACK, COMMITTED, EITHER, LOADED, Case, Expect
from casekit.modes import GUARDED, P2P, WAIT, in_modes, settled
from labkit import faults

FIRST_PORT = 49152
NO_KEEPALIVE = {"keepalive_interval": -1}
QUICK_KEEPALIVE = {"keepalive_interval": 1, "keepalive_count": 3}
_SHORT_CUT_S = 3.0


def politely_stopped(side):
    """SIGTERM in pre-copy, as `systemctl restart` does it."""
    def story(scene, words):
        host = getattr(scene, side)
        run = scene.migrate(*words)
        scene.wait_precopy(run)
        time.sleep(0.3)
        scene.restart_libvirtd(host, signal.SIGTERM)
        run.wait()
        return settled(scene, run)
    return story


def daemon_at(side, procedure, direction):
    """kill -9 of a daemon while one frame to or from it is on its way, and back."""
    def story(scene, words):
        host = getattr(scene, side)
        with scene.relayed(host) as relay:
            rule = relay.rule(procedure, direction, "hold", times=1)
            run = scene.migrate(*words)
            rule.wait()
            scene.restart_libvirtd(host)
            rule.release()
            run.wait()
        return settled(scene, run)
    return story


def ssh_key_unknown(scene):
    """Somebody else answers at the target's address, or a host was installed anew."""
    known = scene.lab.names.work / "ssh/known_hosts"
    lines = known.read_text()
    known.write_text("".join(line for line in lines.splitlines(True) if not line.startswith(scene.target.name)))
    try:
        run = scene.migrate().wait()
    finally:
        known.write_text(lines)
    scene.check("host key" in run.text().lower(), f"no word of the key: {run.last_words()}")
    return run


def under(fault):
    """The whole move happens under a fault of the target."""
    def story(scene, words):
        with fault(scene):
            run = scene.migrate(*words).wait()
        return settled(scene, run)
    return story


def cut_in_precopy(fault, seconds, keepalive):
    """For a while nobody hears the other; then they do again."""
    def story(scene, words):
        with ExitStack() as settings:
            for host in (scene.source, scene.target):
                settings.enter_context(faults.configured(host, libvirtd=keepalive, qemu=keepalive))
            scene.before.ignored.add("bandwidth_mib_s")
            scene.slow_again()
            run = scene.migrate(*words)
            scene.wait_precopy(run)
            with fault(scene):
                time.sleep(seconds)
            scene.hurry()
            run.wait()
            return settled(scene, run)
    return story


@contextmanager
def no_memory(host):
    """QEMU cannot have the guest's memory there."""
    limit = host.run_directory / "lab-qemu-limit-kib"
    limit.write_text("200000")
    try:
        yield
    finally:
        limit.unlink()


@contextmanager
def same_uuid(scene):
    """A cloned machine: both daemons say that they are the same host."""
    with faults.configured(scene.target, libvirtd={"host_uuid": scene.lab.names.host_uuid(scene.source.name)}):
        yield


def parted(scene):
    return faults.hosts_parted(scene.source, scene.target)


_BOTH_BACK = {GUARDED: BACK, P2P: BACK}
_BOTH_ON = {GUARDED: COMMITTED, P2P: COMMITTED}
_NO_SAN = replace(LOADED, storage="dir")

CASES = [
    *in_modes("daemon/source-stopped", politely_stopped("source"), _BOTH_BACK, slow=True),
    *in_modes("daemon/target-stopped", politely_stopped("target"), _BOTH_BACK, slow=True),
    *in_modes("daemon/target-killed-in-prepare", daemon_at("target", "prepare3", "reply"), _BOTH_BACK),
    *in_modes("daemon/source-killed-in-confirm", daemon_at("source", "confirm3", "reply"), {GUARDED: COMMITTED}),
    Case("host/ssh-key-unknown", ssh_key_unknown, Expect(BACK, exits=(69, 77), outage_s=2.0), uris="ssh"),
    *in_modes("port/taken", under(lambda scene: faults.port_taken(scene.target, FIRST_PORT)), _BOTH_ON),
    # Dropped instead of rejected, libvirt's connect holds the domain's lock for the kernel's two minutes.
    *in_modes("port/rejected", under(lambda scene: faults.migration_port_blocked(scene.target, "reject")),
              {GUARDED: BACK, WAIT: BACK, P2P: BACK}, core=(GUARDED,)),
    # So little may be left that libvirt cannot even ask the emulator what it can: the precheck refuses then.
    *in_modes("memory/missing", under(lambda scene: no_memory(scene.target)), _BOTH_BACK, core=(GUARDED,),
              exits=(0, 10, 20)),
    *in_modes("uuid/same", under(same_uuid), {GUARDED: BACK}, exits=(10, 20), again=False),
    *in_modes("keepalive/off-cut-heals", cut_in_precopy(parted, _SHORT_CUT_S, NO_KEEPALIVE), _BOTH_ON, _NO_SAN,
              slow=True),
    *in_modes("keepalive/quick-cut", cut_in_precopy(parted, 8.0, QUICK_KEEPALIVE), {GUARDED: EITHER, P2P: BACK},
              _NO_SAN, slow=True),
    Case("link/slow", lambda scene: _slow_link(scene), Expect(COMMITTED, exits=(0,))),
]


def _slow_link(scene):
    with faults.rate_limit(scene.target, 100):
        return scene.migrate().wait()
