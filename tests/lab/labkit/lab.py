"""The whole lab: bring it up, look at it, take it down."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import build
from .host import Host
from .keys import Keys
from .mutex import held
from .names import HOST_NAMES, Names
from .shell import LabError, run
from .storage import Nas, San
from .tls import Certificates

STORAGES = ("dir", "iscsi", "gluster")
PROFILES = ("plain", "secure")


class Lab:
    """A lab by name. `Lab()` describes it; `Lab.attach()` insists that it is up."""

    def __init__(self, name=None):
        self.names = Names(name)
        self._file = self.names.state / "lab.json"
        self.settings = json.loads(self._file.read_text()) if self._file.exists() else {}
        profile = self.settings.get("profile", "plain")
        self.hosts = {host: Host(self.names, host, profile)
                      for host in HOST_NAMES[:self.settings.get("hosts", 0)]}
        self.san = San(self.names)
        self.nas = Nas(self.names)

    @classmethod
    def attach(cls, name=None):
        lab = cls(name)
        if not lab.settings:
            raise LabError(f"lab '{lab.names.name}' is not up: run `lab up`")
        return lab

    def host(self, name):
        if name not in self.hosts:
            raise LabError(f"no host '{name}' in this lab; it has {', '.join(self.hosts)}")
        return self.hosts[name]

    # -- up --

    def up(self, hosts=2, profile="plain", storages=STORAGES):
        """Start whatever is missing. More hosts or storages can be added to a running lab."""
        _check_machine()
        with held(self.names.prefix):
            self.__init__(self.names.name)  # another `up` may just have ended
            self._write_settings(hosts, profile, storages)
            build.build_all()
            Keys(self.names).make()
            Certificates(self.names).make()
            self._create_switch()
            mount = self._mount() if self.nas.is_running() else None
            with ThreadPoolExecutor() as pool:
                starts = [pool.submit(host.boot, mount) for host in self.hosts.values()]
                starts += [pool.submit(node.boot) for node in self._storage_nodes()]
                for start in starts:
                    start.result()
                build.keep_capabilities(self.hosts["kvm1"])
                if "gluster" in self.settings["storages"]:
                    list(pool.map(self.nas.mount_in, self.hosts.values()))

    def revive(self, host):
        """Bring a lost host back as after a power cycle: disks and definitions stay, /run is new."""
        host.boot(self._mount())

    def _mount(self):
        return self.nas.mount_in if "gluster" in self.settings["storages"] else None

    def _storage_nodes(self):
        nodes = {"iscsi": self.san, "gluster": self.nas}
        return [nodes[kind] for kind in self.settings.get("storages", ()) if kind in nodes]

    def _write_settings(self, hosts, profile, storages):
        old = self.settings
        if old and old["profile"] != profile:
            raise LabError(f"the lab is up with profile {old['profile']}: `lab down` first")
        merged = {"hosts": max(hosts, old.get("hosts", 0)), "profile": profile,
                  "storages": [kind for kind in STORAGES
                               if kind in storages or kind in old.get("storages", ())]}
        self.names.state.mkdir(parents=True, exist_ok=True)
        self.names.work.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(merged) + "\n")
        self.__init__(self.names.name)

    def _create_switch(self):
        """A bridge in a namespace of its own, and one veth with the controller's address."""
        names = self.names
        if Path("/sys/class/net", names.uplink).exists():
            return
        if f" {names.controller_address}/" in run(["ip", "-o", "address"]).stdout:
            raise LabError(f"{names.controller_address} is in use: choose another VMFERRY_LAB_NAME")
        if not Path("/run/netns", names.switch_netns).exists():
            run(["ip", "netns", "add", names.switch_netns])
        run(["ip", "-n", names.switch_netns, "-batch", "-"], stdin=(
            "link add switch type bridge forward_delay 0 stp_state 0 mcast_snooping 0\n"
            "link set switch up\n"))
        run(["ip", "-batch", "-"], stdin=(
            f"link add {names.uplink} address {names.uplink_mac} type veth "
            f"peer name uplink netns {names.switch_netns}\n"
            f"address add {names.controller_address}/24 dev {names.uplink}\n"
            f"link set {names.uplink} up\n"))
        run(["ip", "-n", names.switch_netns, "link", "set", "uplink", "master", "switch", "up"])

    # -- down --

    def down(self):
        """Remove everything a lab of this name can have left, also one that died half way."""
        with held(self.names.prefix):
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda node: node.remove(), self.nodes()))
            self._remove_switch()
            _detach_loop_devices(self.names.work)
            for directory in (self.names.state, self.names.work):
                shutil.rmtree(directory, ignore_errors=True)
            for parent in (self.names.state.parent, self.names.work.parent, Path("/etc/netns")):
                _remove_if_empty(parent)
        left = self.leftovers()
        if left:
            raise LabError("not removed: " + ", ".join(left))

    def _remove_switch(self):
        for interface in self._interfaces():
            run(["ip", "link", "del", interface], check=False)
        if Path("/run/netns", self.names.switch_netns).exists():
            run(["ip", "netns", "del", self.names.switch_netns])

    def _interfaces(self):
        """Interfaces of this lab in the root namespace."""
        names = self.names
        return [path.name for path in Path("/sys/class/net").iterdir()
                if path.name == names.uplink or path.name.startswith(names.prefix + "-")]

    def nodes(self):
        """Every node a lab of this name can have, running or not."""
        return [*(Host(self.names, host) for host in HOST_NAMES), self.san, self.nas]

    def leftovers(self):
        """What of this lab exists on the machine, as a list of words; empty after down()."""
        names = self.names
        found = [f"interface {name}" for name in self._interfaces()]
        for directory in ("/run/netns", "/etc/netns"):
            if Path(directory).exists():
                found += [str(path) for path in Path(directory).iterdir()
                          if path.name.startswith(names.prefix + "-")]
        found += [str(path) for path in (names.state, names.work) if path.exists()]
        mounts = Path("/proc/self/mounts").read_text()
        found += [f"mount {line.split()[1]}" for line in mounts.splitlines()
                  if str(names.state) + "/" in line or str(names.work) + "/" in line]
        return found

    # -- rest --

    def status(self):
        """{what: one word or a short text} for every part of the lab."""
        if not self.settings:
            return {}
        report = {"switch": self.names.controller_address if self._interfaces() else "missing"}
        for node in [*self.hosts.values(), *self._storage_nodes()]:
            report[node.name] = node.address if node.is_running() else "not running: `lab up`"
        return report


def _check_machine():
    if os.geteuid() != 0:
        raise LabError("the lab needs root")
    needed = ("ip", "nsenter", "unshare", "gcc", "cpio", "busybox", "libvirtd", "virsh", "qemu-img",
              "qemu-system-x86_64", "tgtd", "glusterd", "nft", "strace", "ssh-keygen", "openssl", "losetup")
    missing = [word for word in needed
               if not shutil.which(word, path="/usr/sbin:/usr/bin:/sbin:/bin")]
    if missing:
        raise LabError(f"missing commands: {' '.join(missing)} (see tests/lab/packages)")


def _detach_loop_devices(work):
    for line in run(["losetup", "-l", "-n", "-O", "NAME,BACK-FILE"]).stdout.splitlines():
        device, _, file = line.partition(" ")
        if file.strip().startswith(f"{work}/"):
            run(["losetup", "-d", device], check=False)


def _remove_if_empty(directory):
    try:
        directory.rmdir()
    except OSError:
        pass

