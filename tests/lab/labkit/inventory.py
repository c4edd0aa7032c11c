"""What a host has: taken before and after a move, the difference is what was left over."""

import hashlib
import socket
import struct
from pathlib import Path

from .batch import ask

_FILES = {
    "definitions": "/etc/libvirt/qemu",
    "pool definitions": "/etc/libvirt/storage",
    "secrets": "/etc/libvirt/secrets",
    "status files": "/run/libvirt/qemu",
    "logs": "/var/log/libvirt/qemu",
    "tpm states": "/var/lib/libvirt/swtpm",
    "saved images": "/var/lib/libvirt/qemu/save",
}
_FILES_WITH_OWNER = {
    "local files": "/var/lib/libvirt/images",
    "shared files": "/var/lib/libvirt/shared",
    "gluster files": "/var/lib/libvirt/gluster",
}
_LISTEN_STATE = "0A"


def inventory(host):
    """{category: sorted list of words}; every category is there, also when it is empty."""
    found = {name: _names(host, directory) for name, directory in _FILES.items()}
    for name, directory in _FILES_WITH_OWNER.items():
        found[name] = [f"{path} {_owner_text(host.path(directory) / path)}" for path in _names(host, directory)]
    found["nvram"] = [f"{path} {_digest(host.path('/var/lib/libvirt/qemu/nvram') / path)}"
                      for path in _names(host, "/var/lib/libvirt/qemu/nvram")]
    found.update(_from_libvirt(host))
    found["interfaces"] = _interfaces(host)
    found["listening ports"] = _listening_ports(host)
    found["processes"] = _processes(host)
    return {name: sorted(words) for name, words in found.items()}


def differences(before, after):
    """Sentences that say what one inventory has more or less than the other."""
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = set(before.get(name, ())), set(after.get(name, ()))
        found += [f"{name}: new: {word}" for word in sorted(new - old)]
        found += [f"{name}: gone: {word}" for word in sorted(old - new)]
    return found


def migration_ports(found):
    """The ports libvirt hands out for migration and NBD that something listens on."""
    ports = (int(word.rpartition(":")[2]) for word in found["listening ports"])
    return [port for port in ports if 49152 <= port <= 49215]


def _names(host, directory):
    root = host.path(directory)
    if not root.is_dir():
        return []
    return [str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()
            and path.suffix not in (".pid", ".sock", ".monitor")]


def _owner_text(path):
    try:
        status = path.stat()
    except FileNotFoundError:
        return "gone while looking"
    return f"{status.st_uid}:{status.st_gid} {status.st_mode & 0o7777:o}"


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _from_libvirt(host):
    answers = ask(host, {
        "domains": "list --all --name --uuid", "running domains": "list --name",
        "transient domains": "list --all --transient --name",
        "autostart domains": "list --all --autostart --name",
        "pools": "pool-list --all --name", "running pools": "pool-list --name",
        "networks": "net-list --all --name", "known secrets": "secret-list"})
    return {name: [line.strip() for line in text.splitlines() if line.strip()]
            for name, text in answers.items()}


def _interfaces(host):
    text = host.run(["ip", "-o", "link"]).stdout
    return [line.split(": ")[1].partition("@")[0] for line in text.splitlines()]


def _listening_ports(host):
    found = set()
    for table in ("tcp", "tcp6"):
        path = Path(f"/proc/{host.record.pid()}/net/{table}")
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            fields = line.split()
            if fields[3] == _LISTEN_STATE:
                found.add(_address_text(fields[1]))
    return found


def _address_text(word):
    address, _, port = word.partition(":")
    words = [struct.pack("<I", int(address[i:i + 8], 16)) for i in range(0, len(address), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return f"{socket.inet_ntop(family, b''.join(words))}:{int(port, 16)}"


def _processes(host):
    """Names, and for QEMU the guest; libvirtd's short-lived helpers end before they matter."""
    guests = {pid: name for name, pid in host.qemu_processes().items()}
    return {f"{process.command} {guests.get(process.pid, '')}".strip()
            for process in host.processes() if process.inner_pid != 1}
