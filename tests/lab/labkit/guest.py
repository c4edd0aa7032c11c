"""A guest of the lab: its disks, its definition, and how to talk to its worker."""

import json
import secrets
import socket
import uuid as uuid_module
from pathlib import Path
from xml.sax.saxutils import quoteattr

from . import build
from .host import BOOT, GLUSTER, LOCAL, SHARED
from .names import COMMAND_PORT, FIRST_GUEST_NUMBER, HEARTBEAT_PORT, LAST_GUEST_NUMBER
from .shell import LabError

FILE_STORAGES = {"dir": SHARED, "gluster": GLUSTER, "local": LOCAL}
STORAGE_KINDS = ("iscsi", *FILE_STORAGES)
OVERLAY = "overlay"  # a format of a disk: qcow2 over a backing image of its own

_XML = """\
<domain type='qemu'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <memory unit='MiB'>{memory_mib}</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    {firmware}
    <kernel>{kernel}</kernel>
    <initrd>{initramfs}</initrd>
    <cmdline>{cmdline}</cmdline>
  </os>
  <features><acpi/><apic/></features>
  <cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model></cpu>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>{emulator}</emulator>
    {disks}
    <controller type='usb' model='none'/>
    <interface type='bridge'>
      <mac address='{mac}'/>
      <source bridge='br0'/>
      <model type='virtio'/>
      <rom enabled='no'/>
    </interface>
    <serial type='file'>
      <source path='/var/log/libvirt/qemu/{name}-serial.log' append='on'/>
    </serial>
    <memballoon model='none'/>
    {devices}
  </devices>
</domain>
"""

_UEFI = ("<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
         "<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'/>")


class Guest:
    """A guest the lab knows. Its record says what was made for it, wherever it runs now."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self._file = lab.names.work / "guests" / f"{name}.json"
        if not self._file.exists():
            raise LabError(f"no guest '{name}' in this lab")
        self.record = json.loads(self._file.read_text())
        self.uuid = self.record["uuid"]
        self.address = lab.names.address_of_number(self.record["number"])
        self.disks = self.record["disks"]

    @classmethod
    def all(cls, lab):
        return [cls(lab, path.stem) for path in sorted((lab.names.work / "guests").glob("*.json"))]

    @classmethod
    def create(cls, lab, name, storage="iscsi", host="kvm1", disk_mib=64, disk_format="raw", **options):
        """Make the disks and the record, nothing in libvirt yet.

        `storage` is one kind or a list, one entry per disk, as may be `disk_format`. `options` are those of `_cmdline`
        and memory_mib, uefi, extra_devices (XML), readonly.
        """
        kinds = [storage] if isinstance(storage, str) else list(storage)
        unknown = set(kinds) - set(STORAGE_KINDS)
        if unknown:
            raise LabError(f"no such storage: {', '.join(unknown)}; there are {', '.join(STORAGE_KINDS)}")
        directory = lab.names.work / "guests"
        directory.mkdir(exist_ok=True)
        record = {"uuid": str(uuid_module.uuid4()), "host": host, "options": options,
                  "number": _claim_number(directory, name), "disks": []}
        try:
            for index, kind in enumerate(kinds):
                own_format = disk_format if isinstance(disk_format, str) else disk_format[index]
                record["disks"].append(_create_disk(lab, name, kind, f"vd{chr(97 + index)}", host,
                                                    disk_mib, own_format))
        except LabError:
            _number_file(directory, record["number"]).unlink()
            raise
        (directory / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
        return cls(lab, name)

    # -- libvirt --

    def xml(self):
        options = dict(self.record["options"])
        names = self.lab.names
        return _XML.format(
            name=self.name, uuid=self.uuid, memory_mib=options.get("memory_mib", 192),
            firmware=_UEFI if options.get("uefi") else "", kernel=BOOT / build.kernel().name,
            initramfs=BOOT / build.initramfs().name, emulator=build.EMULATOR, cmdline=self._cmdline(),
            mac=names.guest_mac(self.record["number"]), devices=options.get("extra_devices", ""),
            disks="\n    ".join(self._disk_xml(disk) for disk in self.disks))

    def _cmdline(self):
        names, options = self.lab.names, self.record["options"]
        words = ["console=ttyS0", "quiet", f"vmfl.name={self.name}", f"vmfl.ip={self.address}/24",
                 f"vmfl.to={names.controller_address}:{HEARTBEAT_PORT}",
                 f"vmfl.tomac={names.uplink_mac}", f"vmfl.hb={options.get('heartbeat_ms', 5)}",
                 f"vmfl.disk={options.get('disk_ms', 20)}",
                 f"vmfl.dirty={options.get('dirty_mib_s', 0)},{options.get('working_set_mib', 32)}"]
        return " ".join(words)

    def _disk_xml(self, disk):
        if disk["storage"] == "iscsi":
            source, kind = self.lab.san.source_xml(disk["id"]), "network"
        else:
            source, kind = f"<source file={quoteattr(disk['path'])}/>", "file"
        return (f"<disk type='{kind}' device='disk'><driver name='qemu' type='{disk['format']}' "
                f"cache='none'/>{source}<target dev='{disk['target']}' bus='virtio'/></disk>")

    def define(self, host=None):
        path = self._file.with_suffix(".xml")
        path.write_text(self.xml())
        self.lab.host(host or self.record["host"]).virsh("define", str(path))

    def start(self, host=None, transient=False, autostart=False, paused=False):
        """Start on `host`; a persistent guest is defined first."""
        node = self.lab.host(host or self.record["host"])
        options = ["--paused"] if paused else []
        if transient:
            path = self._file.with_suffix(".xml")
            path.write_text(self.xml())
            node.virsh("create", str(path), *options)
            return
        self.define(node.name)
        node.virsh("start", self.name, *options)
        if autostart:
            node.virsh("autostart", self.name)

    def states(self):
        """{host: state with reason} for the hosts whose libvirt knows a domain with our UUID."""
        found = {host.name: host.virsh("domstate", "--reason", self.uuid, check=False).strip()
                 for host in self.lab.hosts.values() if host.is_running()}
        return {host: state for host, state in found.items() if state}

    def remove(self):
        """Destroy and undefine everywhere, then delete its disks and its record."""
        for name in self.states():
            host = self.lab.host(name)
            host.virsh("destroy", self.uuid, check=False)
            host.virsh("undefine", "--nvram", "--managed-save", "--snapshots-metadata",
                       "--checkpoints-metadata", self.uuid, check=False)
        for disk in self.disks:
            if disk["storage"] == "iscsi":
                self.lab.san.withdraw(disk["id"])
            else:
                for one in (disk, {**disk, "path": disk.get("backing", disk.get("path"))}):
                    for path in disk_files(self.lab, one):
                        path.unlink(missing_ok=True)
        for suffix in (".xml", ".json"):
            self._file.with_suffix(suffix).unlink(missing_ok=True)
        _number_file(self._file.parent, self.record["number"]).unlink(missing_ok=True)

    # -- worker --

    def command(self, text, timeout=3.0):
        """Send a command to the worker ("dirty 16 64", "hb 1", "poweroff"); returns its answer."""
        token = secrets.token_hex(6)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.2)
            for _ in range(max(1, int(timeout / 0.2))):
                sock.sendto(f"{token} {text}".encode(), (self.address, COMMAND_PORT))
                try:
                    answer = sock.recv(512).decode()
                except TimeoutError:
                    continue
                if answer.startswith(token):
                    word, _, rest = answer.removeprefix(token).strip().partition(" ")
                    if word == "ok":
                        return rest
                    raise LabError(f"{self.name}: {rest}")
        raise LabError(f"{self.name} does not answer '{text}' at {self.address}")


def disk_files(lab, disk):
    """Where the bytes of a disk are on this machine, seen from outside the hosts."""
    if disk["storage"] == "iscsi":
        return [lab.san.image(disk["id"])]
    path = Path(disk["path"])
    if disk["storage"] == "dir":
        return [lab.names.work / "shared" / path.name]
    if disk["storage"] == "gluster":
        return [lab.nas.image(path)]
    return [host.work / "varlib" / path.relative_to("/var/lib/libvirt") for host in lab.hosts.values()]


def _create_disk(lab, guest, kind, target, host, disk_mib, disk_format):
    name = f"{guest}-{target}"
    disk = {"storage": kind, "target": target, "id": name, "format": disk_format, "size_mib": disk_mib}
    if kind == "iscsi":
        disk["format"] = "raw"
        lab.san.export(name, disk_mib << 20)
        return disk
    if disk_format == OVERLAY:
        disk["format"] = "qcow2"
        disk["backing"] = str(FILE_STORAGES[kind] / f"{name}-base.qcow2")
        lab.host(host).run(["qemu-img", "create", "-q", "-f", "qcow2", disk["backing"], f"{disk_mib}M"])
    disk["path"] = str(FILE_STORAGES[kind] / f"{name}.{disk['format']}")
    backing = ["-b", disk["backing"], "-F", "qcow2"] if "backing" in disk else []
    lab.host(host).run(["qemu-img", "create", "-q", "-f", disk["format"], *backing, disk["path"], f"{disk_mib}M"])
    return disk


def _claim_number(directory, name):
    """A number nobody has; claimed by making a file, since tests run side by side."""
    if (directory / f"{name}.json").exists():
        raise LabError(f"guest '{name}' exists: `lab guest stop {name}` first")
    for number in range(FIRST_GUEST_NUMBER, LAST_GUEST_NUMBER):
        try:
            with open(_number_file(directory, number), "x") as file:
                file.write(name)
            return number
        except FileExistsError:
            continue
    raise LabError("all guest numbers are taken")


def _number_file(directory, number):
    return directory / f"number-{number}"
