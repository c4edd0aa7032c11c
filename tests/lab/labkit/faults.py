"""Faults to do to a lab, each a context manager that undoes itself.

    with faults.link_cut(host): ...
    with faults.drop_replies(target): ...        # calls arrive, answers are lost
    with faults.frozen(pid): ...

A fault touches one host's namespaces or one exact pid, never the machine. nftables and tc work
in the host's network namespace, so they also hold while the host itself is lost.
"""

import itertools
import os
import signal
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .shell import LabError, run

LIBVIRTD_PORT = 16509
_table_numbers = itertools.count(os.getpid() * 100)


# -- network --

@contextmanager
def link_cut(host):
    """Nothing gets in or out of the host; its unix socket still answers."""
    host.link_down()
    try:
        yield
    finally:
        host.link_up()


@contextmanager
def nft_rule(host, hook, rule):
    """One nftables rule on "input" or "output" of a host, e.g. "tcp sport 16509 drop"."""
    table = f"lab_fault_{next(_table_numbers)}"
    _in_netns(host, ["nft", "-f", "-"], stdin=(
        f"add table inet {table}\n"
        f"add chain inet {table} fault {{ type filter hook {hook} priority 0; }}\n"
        f"add rule inet {table} fault {rule}\n"))
    try:
        yield
    finally:
        _in_netns(host, ["nft", "delete", "table", "inet", table], check=False)


def drop_replies(host, port=LIBVIRTD_PORT):
    """Calls reach the host's port, its answers are lost for everybody."""
    return nft_rule(host, "output", f"tcp sport {port} drop")


def drop_replies_from(host, peer, port=LIBVIRTD_PORT):
    """Only `host` loses the answers of the peer's port, as when p2p loses Finish's reply."""
    return nft_rule(host, "input", f"ip saddr {peer.address} tcp sport {port} drop")


@contextmanager
def hosts_parted(host, peer):
    """The two hosts lose each other; the controller reaches both."""
    with nft_rule(host, "input", f"ip saddr {peer.address} drop"), \
            nft_rule(host, "output", f"ip daddr {peer.address} drop"):
        yield


def migration_port_blocked(host, verdict="drop"):
    """No new data connection can reach the host (migration and NBD ports)."""
    return nft_rule(host, "input", f"tcp dport 49152-49215 {verdict}")


@contextmanager
def rate_limit(host, mbit):
    """Limit what the host sends and what it receives, each to `mbit` Mbit/s."""
    shape = f"root tbf rate {mbit}mbit burst 64kb latency 200ms".split()
    _in_netns(host, ["tc", "qdisc", "replace", "dev", "eth0", *shape])
    _at_switch(host, ["tc", "qdisc", "replace", "dev", host.port, *shape])
    try:
        yield
    finally:
        _in_netns(host, ["tc", "qdisc", "del", "dev", "eth0", "root"], check=False)
        _at_switch(host, ["tc", "qdisc", "del", "dev", host.port, "root"], check=False)


@contextmanager
def port_taken(host, port):
    """Another program of the host listens on a port."""
    code = ("import socket,sys; s=socket.socket(); s.setsockopt(1,2,1); s.bind(('0.0.0.0',%d)); "
            "s.listen(); print('taken', flush=True); sys.stdin.read()" % port)
    holder = subprocess.Popen(host.enter(["/usr/bin/python3", "-c", code]), text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if holder.stdout.readline() != "taken\n":
        raise LabError(f"{host.name}: port {port} cannot be taken")
    try:
        yield
    finally:
        holder.communicate()


def _at_switch(host, argv, **options):
    return run(["ip", "netns", "exec", host.names.switch_netns, *argv], **options)


def _in_netns(host, argv, **options):
    return run(["ip", "netns", "exec", host.netns, *argv], **options)


# -- processes --

@contextmanager
def frozen(pid):
    """SIGSTOP: the process is there and does nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(pid, signal.SIGCONT)


@contextmanager
def host_frozen(host):
    """Everything of a host stands still at once, as when its own hypervisor stalls."""
    pids = [process.pid for process in host.processes()]
    with ExitStack() as stack:
        for pid in pids:
            stack.enter_context(frozen(pid))
        yield


def lose_host(host):
    """The host is gone: link first, then every process in one moment. `lab.revive(host)` brings it back."""
    host.link_down()
    host.kill()


@contextmanager
def syscall_fault(pid, inject):
    """strace -e inject, e.g. "fdatasync:error=EIO:when=3" or "write:delay_enter=200000".

    strace lets go of the process at the end; the process goes on.
    """
    calls = inject.partition(":")[0]
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(pid), "-e", f"trace={calls}",
         "-e", f"inject={inject}"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _wait_traced(pid, tracer)
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=10)


def _wait_traced(pid, tracer):
    """Every thread has our strace as tracer, or the fault would miss some."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and tracer.poll() is None:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        if all(f"TracerPid:\t{tracer.pid}" in (thread / "status").read_text() for thread in threads):
            return
        time.sleep(0.01)
    tracer.kill()
    raise LabError(f"strace does not hold {pid}: {tracer.stderr.read().strip()}")


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


@contextmanager
def configured(host, libvirtd=(), qemu=()):
    """Other settings in libvirtd.conf and qemu.conf, e.g. qemu={"keepalive_interval": 1}.

    libvirtd restarts twice, guests run on.
    """
    host.reconfigure(libvirtd, qemu)
    try:
        yield
    finally:
        host.reconfigure()


# -- storage --

@contextmanager
def small_disk(host, directory="/var/lib/libvirt/images", size_mib=16, free_bytes=None):
    """Mount a small ext4 over a directory of the host; with `free_bytes` nearly full.

    It lies in the host's mount namespace only, where libvirtd and every QEMU see it.
    """
    image = host.work / f"small-{next(_table_numbers)}.ext4"
    with open(image, "wb") as file:
        file.truncate(size_mib << 20)
    run(["mkfs.ext4", "-q", "-m", "0", "-F", image])
    host.run(["mount", "-o", "loop", image, directory])
    try:
        if free_bytes is not None:
            _fill(host.path(directory), free_bytes)
        yield host.path(directory)
    finally:
        host.run(["umount", "-l", directory], check=False)
        image.unlink()


def _fill(directory, free_bytes):
    status = os.statvfs(directory)
    size = status.f_bavail * status.f_frsize - free_bytes
    with open(directory / "filler", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(size, 1))


@contextmanager
def read_only(host, directory):
    """The directory becomes read-only for what the host opens from now on."""
    host.run(["mount", "--bind", directory, directory])
    try:
        host.run(["mount", "-o", "remount,bind,ro", directory])
        yield
    finally:
        host.run(["umount", "-l", directory], check=False)
