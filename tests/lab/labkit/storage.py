"""Shared storage of the lab: an iSCSI SAN and a GlusterFS NAS, each a node of its own."""

import time
from pathlib import Path

from .host import GLUSTER
from .mutex import held
from .node import Node
from .shell import LabError

_PORTAL_PORT = 3260
_VOLUME = "lab"
_MOUNT_LOG = "/var/log/libvirt/gluster-mount.log"


class San(Node):
    """tgtd with one target per disk; a real SAN: block access, no locks."""

    def __init__(self, names):
        super().__init__(names, "san")
        self.disks = self.work / "disks"

    def boot(self):
        self.create_network()
        self.disks.mkdir(parents=True, exist_ok=True)
        self.start([])
        (self.run_directory / "tgtd").mkdir(exist_ok=True)
        if not any(process.command == "tgtd" for process in self.processes()):
            self.spawn(["tgtd", "-f", "--iscsi", f"portal={self.address}:{_PORTAL_PORT}"],
                       self.work / "tgtd.log")
        deadline = time.monotonic() + 10
        while self._admin("--mode", "target", "--op", "show", check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise LabError(f"tgtd does not answer, see {self.work}/tgtd.log")
            time.sleep(0.05)
        for path in self.disks.glob("*.raw"):  # after a loss of the SAN
            self.export(path.stem, path.stat().st_size)

    def _admin(self, *words, check=True):
        return self.run(["tgtadm", "--lld", "iscsi", *words], check=check)

    def target_name(self, disk):
        return f"iqn.2020-01.lab.{self.names.prefix}:{disk}"

    def image(self, disk):
        """The file behind a LUN; reading it sees what the guest has synced."""
        return self.disks / f"{disk}.raw"

    def _targets(self):
        """{target name: target id}"""
        found = {}
        for line in self._admin("--mode", "target", "--op", "show").stdout.splitlines():
            if line.startswith("Target "):
                number, _, name = line.removeprefix("Target ").partition(": ")
                found[name] = int(number)
        return found

    def export(self, disk, size_bytes):
        """Create (or keep) a disk and its target with LUN 1."""
        path = self.image(disk)
        if not path.exists():
            with open(path, "wb") as file:
                file.truncate(size_bytes)
        name = self.target_name(disk)
        with held(f"{self.netns}-targets"):  # target numbers are chosen, tests run side by side
            targets = self._targets()
            if name in targets:
                return
            tid = str(max(targets.values(), default=0) + 1)
            self._admin("--mode", "target", "--op", "new", "--tid", tid, "--targetname", name)
        self._admin("--mode", "logicalunit", "--op", "new", "--tid", tid, "--lun", "1",
                    "--backing-store", path)
        self._admin("--mode", "target", "--op", "bind", "--tid", tid, "--initiator-address", "ALL")

    def withdraw(self, disk):
        """Remove a target and its disk."""
        tid = self._targets().get(self.target_name(disk))
        if tid is not None:
            self._admin("--mode", "target", "--op", "delete", "--force", "--tid", str(tid))
        self.image(disk).unlink(missing_ok=True)

    def source_xml(self, disk):
        return (f"<source protocol='iscsi' name='{self.target_name(disk)}/1'>"
                f"<host name='{self.address}' port='{_PORTAL_PORT}'/></source>")


class Nas(Node):
    """glusterd with one brick, mounted by FUSE in each host."""

    def __init__(self, names):
        super().__init__(names, "nas")
        self.brick = self.work / "brick"

    def boot(self):
        self.create_network()
        self.brick.mkdir(parents=True, exist_ok=True)
        private = {"varlib": "/var/lib/glusterd", "log": "/var/log/glusterfs"}
        for name in private:
            (self.work / name).mkdir(exist_ok=True)
        self.start([(self.work / name, path) for name, path in private.items()])
        if not any(process.command == "glusterd" for process in self.processes()):
            self.spawn(["glusterd", "-N"], self.work / "glusterd.log")
        self._wait_for_daemon()
        if self._gluster("volume", "info", _VOLUME, check=False).returncode != 0:
            self._gluster("volume", "create", _VOLUME, f"{self.name}:{self.brick}", "force")
        if "Status: Started" not in self._gluster("volume", "info", _VOLUME).stdout:
            self._gluster("volume", "start", _VOLUME)

    def _gluster(self, *words, check=True):
        return self.run(["gluster", "--mode=script", *words], check=check)

    def _wait_for_daemon(self):
        deadline = time.monotonic() + 30
        while self._gluster("volume", "list", check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise LabError(f"glusterd does not answer, see {self.work}/glusterd.log")
            time.sleep(0.1)

    def mount_in(self, host):
        """Mount the volume in a host's namespace; a no-op where it is mounted.

        Tried for a while, as a host that boots does: the mount gives up at its first lost packet.
        """
        (host.work / "varlib" / GLUSTER.name).mkdir(exist_ok=True)
        deadline = time.monotonic() + 30
        while host.run(["mountpoint", "-q", GLUSTER], check=False).returncode != 0:
            mount = host.run(["mount", "-t", "glusterfs", "-o", f"log-file={_MOUNT_LOG}",
                              f"{self.name}:/{_VOLUME}", GLUSTER], check=False)
            if mount.returncode != 0 and time.monotonic() > deadline:
                log = host.path(_MOUNT_LOG)
                tail = log.read_text(errors="replace")[-1500:] if log.exists() else "no log"
                raise LabError(f"{host.name}: no GlusterFS mount: {mount.stderr.strip()}; its log ends: {tail}")
            time.sleep(0.2)

    def image(self, path):
        """The brick's copy of a file on the volume (a host path below GLUSTER)."""
        return self.brick / Path(path).relative_to(GLUSTER)
