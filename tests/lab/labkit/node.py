"""A node: one network, mount, uts, ipc and pid namespace with a process 1 of its own.

Hosts, the SAN and the NAS are nodes. The pid namespace makes three things simple:
losing a node is one SIGKILL to its process 1, which takes everything in it at once;
orphans are reaped at once; and nothing of a node can outlive `lab down`.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

from .build import REAPER
from .names import HERE
from .processes import PidRecord, in_pid_namespace
from .shell import LabError, run

# A daemon must not see what the shell that happened to start the lab had set.
_ENVIRONMENT = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8")


class Node:
    def __init__(self, names, name):
        self.names = names
        self.name = name
        self.address = names.address(name)
        self.netns = names.netns(name)
        self.port = names.port(name)
        self.state = names.state / name
        self.work = names.work / name
        self.run_directory = self.state / "run"
        self.record = PidRecord(self.state / "pid")

    # -- life --

    def create_network(self):
        """Namespace, veth to the lab's switch, and inside a bridge br0 for guests."""
        hosts = Path("/etc/netns") / self.netns / "hosts"
        hosts.parent.mkdir(parents=True, exist_ok=True)
        hosts.write_text(self.names.hosts_file())
        if not Path("/run/netns", self.netns).exists():
            run(["ip", "netns", "add", self.netns])
        if self._switch("link", "show", self.port, check=False).returncode != 0:
            self._switch("-batch", "-", stdin=(
                f"link add {self.port} type veth peer name eth0 netns {self.netns}\n"
                f"link set {self.port} master switch up\n"))
            run(["ip", "netns", "exec", self.netns, "sh", "-c",
                 "[ ! -e /proc/sys/net/ipv6 ] || "
                 "echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 >/dev/null; ip -batch -"],
                stdin="link set lo up\n"
                      "link add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0\n"
                      f"link set br0 address {self.names.node_mac(self.name)}\n"
                      "link set eth0 master br0 up\n"
                      "link set br0 up\n"
                      f"address add {self.address}/24 dev br0\n")

    def start(self, mounts):
        """Start process 1 with `mounts`, pairs (source, target); /run is always private."""
        if self.is_running():
            return
        for directory in (self.run_directory / "lock", self.work):
            directory.mkdir(parents=True, exist_ok=True)
        table = self.work / "mounts"
        pairs = [*mounts, (self.run_directory, "/run")]
        table.write_text("".join(f"{source} {target}\n" for source, target in pairs))
        with open(self.work / "init.log", "ab") as log:
            outer = subprocess.Popen(
                ["ip", "netns", "exec", self.netns, "unshare", "-m", "-u", "-i", "-p", "--fork",
                 "--kill-child", "--mount-proc", HERE / "node/init", self.name, table,
                 REAPER],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
        self.record.write(_only_child(outer))
        outer.stdin.write(b"go\n")
        outer.stdin.close()
        if outer.stdout.readline() != b"ready\n":
            raise LabError(f"{self.name}: not started, see {self.work}/init.log")
        outer.stdout.close()

    def kill(self):
        """Lose the node: every process of it ends in the same moment."""
        if not self.record.kill():
            raise LabError(f"{self.name}: process 1 does not end")

    def remove(self):
        self.kill()
        if Path("/run/netns", self.netns).exists():
            run(["ip", "netns", "del", self.netns])
        shutil.rmtree(Path("/etc/netns") / self.netns, ignore_errors=True)

    def is_running(self):
        return self.record.pid() is not None

    def _pid(self):
        pid = self.record.pid()
        if pid is None:
            raise LabError(f"{self.name} is not running")
        return pid

    # -- inside --

    def enter(self, argv):
        """The command line that runs argv inside the node."""
        return ["nsenter", "-t", str(self._pid()), "-m", "-u", "-i", "-n", "-p", "--",
                "env", "-i", *_ENVIRONMENT, *map(str, argv)]

    def beside(self):
        """What comes before a command that lives in the node, with the environment that it is given."""
        return ["nsenter", "-t", str(self._pid()), "-m", "-u", "-n", "-p", "--"]

    def run(self, argv, **options):
        return run(self.enter(argv), **options)

    def spawn(self, argv, log):
        """Start a daemon that stays in the foreground; it belongs to process 1 at once."""
        self.run(["sh", "-c", 'log=$1; shift; setsid "$@" </dev/null >>"$log" 2>&1 &',
                  "sh", log, *argv])

    def path(self, inside):
        """A path of the node, FUSE mounts and all, as this process can open it."""
        return Path(f"/proc/{self._pid()}/root") / str(inside).lstrip("/")

    def processes(self):
        pid = self.record.pid()
        return in_pid_namespace(pid) if pid else []

    def process_of_pidfile(self, path):
        """The process whose inner pid is in a pid file under the node's /run, or None."""
        try:
            inner = int((self.run_directory / path).read_text())
        except (FileNotFoundError, ValueError):
            return None
        return next((p for p in self.processes() if p.inner_pid == inner), None)

    # -- link --

    def link_down(self):
        """Pull the cable at the switch: the node sees its carrier go."""
        self._switch("link", "set", self.port, "down")

    def link_up(self):
        self._switch("link", "set", self.port, "up")

    def _switch(self, *words, **options):
        return run(["ip", "-n", self.names.switch_netns, *words], **options)


def _only_child(parent):
    """The pid of the one child `unshare --fork` makes."""
    path = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    deadline = time.monotonic() + 10
    while parent.poll() is None and time.monotonic() < deadline:
        children = path.read_text().split()
        if children and _is_inside(int(children[0])):
            return int(children[0])
        time.sleep(0.002)
    raise LabError("no process 1: unshare failed")


def _is_inside(child):
    try:
        return os.readlink(f"/proc/{child}/ns/pid") != os.readlink(f"/proc/{os.getpid()}/ns/pid")
    except FileNotFoundError:
        return False
