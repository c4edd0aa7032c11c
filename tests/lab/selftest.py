#!/usr/bin/python3
"""Does the lab work, do its checkers bite, does it leave nothing behind?

Runs in a lab of its own (name "self"), beside any other. selftest.py [--hosts N] [--profile P]
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from labkit import Guest, Lab, LabError, Observer, Relay, faults, snapshot  # noqa: E402
from labkit.disks import verify_disk  # noqa: E402
from labkit.guest import disk_files  # noqa: E402
from labkit.inventory import differences, inventory  # noqa: E402
from labkit.processes import is_alive  # noqa: E402

NAME = "self"
failures = []


@contextmanager
def step(text):
    begin = time.monotonic()
    remarks = []
    try:
        yield remarks
        word = "ok  "
    except (AssertionError, LabError, OSError) as error:
        failures.append(text)
        word = "FAIL"
        remarks.append(f"{type(error).__name__}: {error}")
    print(f"{word} {time.monotonic() - begin:5.1f} s  {text}" + "".join(f"; {r}" for r in remarks), flush=True)


def expect_none(found):
    assert not found, "; ".join(found)


def expect(found, word):
    assert any(word in text for text in found), f"nothing says '{word}': {found}"


def migrate(guest, source, target, uri=None, check=True):
    return source.virsh("migrate", "--live", "--unsafe", "--persistent", guest.name,
                        uri or target.uri("tcp"), check=check)


@contextmanager
def running(lab, name, storage, **options):
    """A guest that is alive, its observer, and its removal."""
    guest = Guest.create(lab, name, storage, **options)
    try:
        with Observer(lab, [guest]) as observer:
            guest.start()
            observer.wait_beat(name)
            time.sleep(0.5)
            yield guest, observer
    finally:
        guest.remove()


def there_and_back(lab, storage):
    kvm1, kvm2 = lab.host("kvm1"), lab.host("kvm2")
    before = {host.name: inventory(host) for host in (kvm1, kvm2)}
    with running(lab, f"move-{storage}", storage, dirty_mib_s=4) as (guest, observer):
        begin = time.monotonic()
        for source, target in ((kvm1, kvm2), (kvm2, kvm1)):
            migrate(guest, source, target)
            observer.wait_beat(guest.name, vantage=target.name)
            time.sleep(0.5)
        gap = observer.max_gap(guest.name, since=begin)
        assert observer.hosts_seen(guest.name)[-1] == "kvm1"
        source_problems = observer.disk_problems(guest)
    expect_none(observer.problems(guest.name) + source_problems)
    after = {host.name: inventory(host) for host in (kvm1, kvm2)}
    for host in before:
        left = [text for text in differences(before[host], after[host]) if not text.startswith("logs")]
        expect_none(left)
    return gap


def checkers_bite(lab):
    kvm1, kvm2 = lab.host("kvm1"), lab.host("kvm2")
    with step("two copies of one memory are seen as a fork"):
        with running(lab, "fork", "iscsi") as (guest, observer):
            image = "/var/lib/libvirt/shared/fork.save"
            kvm1.virsh("save", guest.name, image)
            kvm1.virsh("restore", image)
            kvm2.virsh("restore", image)
            time.sleep(1)
            problems = observer.problems(guest.name)
            expect(problems, "sent twice")
            expect(problems, "at the same time")
        (lab.names.work / "shared/fork.save").unlink(missing_ok=True)
    with step("two boots at once are seen"):
        with running(lab, "boots", "iscsi") as (guest, observer):
            guest.start("kvm2", transient=True)
            observer.wait_beat(guest.name, vantage="kvm2")
            time.sleep(0.5)
            expect(observer.problems(guest.name), "after a newer boot")
    with step("a lost acknowledged write is seen"):
        with running(lab, "lost", "dir") as (guest, observer):
            kvm1.virsh("destroy", guest.name)
            acked = observer.acked(guest.name)["vda"]
            file = disk_files(lab, guest.disks[0])[0]
            expect_none(verify_disk(lab, guest.disks[0], acked))
            with open(file, "r+b") as image:
                image.seek((1 + acked % 1024) * 4096)
                image.write(bytes(4096 * 2))
            expect(observer.disk_problems(guest), "was acknowledged")
    with step("a changed before-image is seen"):
        with running(lab, "image", "iscsi") as (guest, observer):
            before = snapshot.take(lab, guest)
            time.sleep(0.2)
            expect_none(snapshot.differences(before, snapshot.take(lab, guest)))
            kvm1.virsh("autostart", guest.name)
            kvm1.virsh("migrate-setmaxdowntime", guest.name, "50")
            found = snapshot.differences(before, snapshot.take(lab, guest))
            expect(found, "autostart")
            expect(found, "max_downtime")


def guest_faults_work(lab):
    kvm1, kvm2 = lab.host("kvm1"), lab.host("kvm2")
    with running(lab, "faults", ["iscsi", "dir"]) as (guest, observer):
        with step("a cut link: silence outside, the copy is still seen on its host"):
            with faults.link_cut(kvm1):
                begin = time.monotonic()
                time.sleep(0.5)
                assert not observer.beats(guest.name, "net", since=begin + 0.05)
                assert observer.beats(guest.name, "kvm1", since=begin + 0.2)
                assert "running" in kvm1.virsh("domstate", guest.name)
            observer.wait_beat(guest.name)
        with step("libvirtd killed and restarted, the guest does not notice"):
            begin = time.monotonic()
            kvm1.kill_libvirtd()
            kvm1.start_libvirtd()
            observer.wait_beat(guest.name)
            assert observer.max_gap(guest.name, since=begin) < 0.5
        with step("held reply of Finish: source paused until released") as remarks:
            with Relay(lab, kvm2) as relay:
                rule = relay.rule("finish3", "reply", "hold")
                move = subprocess.Popen(["virsh", "-q", "-c", kvm1.uri("unix"), "migrate", "--live", "--unsafe",
                                         "--persistent", guest.name, relay.uri], stdin=subprocess.DEVNULL)
                rule.wait()
                held = time.monotonic()
                time.sleep(0.5)
                assert move.poll() is None
                assert "paused" in kvm1.virsh("domstate", guest.name)
                rule.release()
                assert move.wait(30) == 0
                remarks.append(f"end {time.monotonic() - held - 0.5:.2f} s after the release")
        with step("a TLS move, asked for by TLS"):
            kvm2.virsh("migrate", "--live", "--unsafe", "--p2p", "--tls", "--persistent", guest.name,
                       kvm1.uri("tls"), kind="tls")
            observer.wait_beat(guest.name, vantage="kvm1")
            migrate(guest, kvm1, kvm2)
        with step("injected EIO reaches the guest's disk"):
            guest_errors = observer.wait_beat(guest.name, vantage="kvm2").disks["vdb"].errors
            with faults.syscall_fault(kvm2.qemu_pid(guest.name), "fdatasync:error=EIO"):
                time.sleep(1.0)
            assert observer.wait_beat(guest.name, vantage="kvm2").disks["vdb"].errors > guest_errors
        with step("worker's commands: dirty, heartbeat, reboot") as remarks:
            guest.command("dirty 8 16")
            guest.command("hb 1")
            guest.command("reboot")
            time.sleep(0.3)
            observer.wait_beat(guest.name)
            assert len(observer.boots(guest.name)) == 2
        with step("a host is lost, comes back and starts its autostart guest"):
            kvm2.virsh("autostart", guest.name)
            faults.lose_host(kvm2)
            assert not kvm2.is_running()
            lab.revive(kvm2)
            observer.wait_beat(guest.name)
            assert len(observer.boots(guest.name)) == 3
        expect_none([text for text in observer.problems(guest.name) if "write errors" not in text])


def seconds_to_send(lab, host, count):
    """How long a host needs to send so many bytes to the controller."""
    with socket.create_server((lab.names.controller_address, 0)) as listener:
        address, port = listener.getsockname()
        begin = time.monotonic()
        sender = subprocess.Popen(host.enter(
            ["bash", "-c", f"head -c {count} /dev/zero >/dev/tcp/{address}/{port}"]))
        with listener.accept()[0] as receiver:
            while receiver.recv(1 << 16):
                pass
        sender.wait()
        return time.monotonic() - begin


def host_faults_work(lab):
    kvm2 = lab.host("kvm2")
    with step("a small disk is full"):
        with faults.small_disk(kvm2, size_mib=16, free_bytes=1 << 20):
            done = kvm2.run(["dd", "if=/dev/zero", "of=/var/lib/libvirt/images/x", "bs=1M", "count=4"], check=False)
            assert "No space left" in done.stderr, done.stderr
        assert not kvm2.path("/var/lib/libvirt/images/x").exists()
    with step("a rate limit is kept"):
        with faults.rate_limit(kvm2, 20):
            seconds = seconds_to_send(lab, kvm2, 2 << 20)
            assert 0.6 < seconds < 2, f"2 MiB took {seconds:.2f} s"
        assert seconds_to_send(lab, kvm2, 2 << 20) < 0.4
    with step("replies dropped: the call does not return"):
        with faults.drop_replies(kvm2):
            done = subprocess.run(["timeout", "1", "virsh", "-c", kvm2.uri("tcp"), "uri"],
                                  capture_output=True, check=False)
            assert done.returncode == 124
    with step("the lock manager can be used"):
        kvm2.use_lock_manager()
        with running(lab, "locks", "dir", host="kvm2"):
            assert any(kvm2.path("/var/lib/libvirt/shared/leases").iterdir())
        kvm2.reconfigure()
    with step("ssh, from outside and from host to host"):
        assert kvm2.virsh("hostname", kind="ssh") == "kvm2"
        inside = lab.host("kvm1").run(["virsh", "-q", "-c", "qemu+ssh://kvm2/system", "hostname"])
        assert inside.stdout.strip() == "kvm2"


def interrupted_up():
    """An `up` killed at several moments must be removed by `down`."""
    with step("`up` killed half way leaves nothing after `down`"):
        for pause in (0.15, 0.4, 0.8, 1.5):
            process = subprocess.Popen([Path(__file__).with_name("lab"), "up"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, env={**os.environ, "VMFERRY_LAB_NAME": NAME})
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
            process.wait()
            Lab(NAME).down()
            expect_none(Lab(NAME).leftovers())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", type=int, default=2)
    parser.add_argument("--profile", default="plain")
    options = parser.parse_args()
    Lab(NAME).down()
    interrupted_up()
    try:
        with step("up"):
            Lab(NAME).up(options.hosts, options.profile)
        lab = Lab.attach(NAME)
        for storage in ("iscsi", "dir", "gluster"):
            with step(f"a guest on {storage} moves there and back, nothing lost or left") as remarks:
                remarks.append(f"longest gap {there_and_back(lab, storage) * 1000:.0f} ms")
        checkers_bite(lab)
        guest_faults_work(lab)
        host_faults_work(lab)
    finally:
        with step("down"):
            lab = Lab(NAME)
            inside = {process.pid for node in lab.nodes() for process in node.processes()}
            lab.down()
            expect_none(lab.leftovers())
            expect_none([f"process {pid}" for pid in inside if is_alive(pid)])
    print(f"{len(failures)} failed" if failures else "all good")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
