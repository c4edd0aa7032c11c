"""Everything a lab calls its own, derived from its name.

Two labs with different names share nothing but the build cache, so they can exist
at the same time. All traffic stays in 10.213.N.0/24 on one switch, a bridge in a
namespace of its own: firewall rules of the machine (Docker's, say) do not reach it.
"""

import os
import re
import zlib
from pathlib import Path

from .shell import run

HERE = Path(__file__).resolve().parent.parent
CACHE = Path("/var/cache/vmferry-lab")
HOST_NAMES = ("kvm1", "kvm2", "kvm3")
HEARTBEAT_PORT = 7001
COMMAND_PORT = 7002
_NODE_NUMBERS = {"kvm1": 11, "kvm2": 12, "kvm3": 13, "san": 21, "nas": 22}
FIRST_GUEST_NUMBER, LAST_GUEST_NUMBER = 100, 250


def _in_memory():
    """A host has its /run in memory, and libvirt syncs a VM's status there at each step: on a disk each costs a pause."""
    for directory in ("/run", "/dev/shm"):
        if run(["stat", "-f", "-c", "%T", directory], check=False).stdout.strip() == "tmpfs":
            return Path(directory)
    return Path("/run")


class Names:
    """Names, addresses and directories of one lab."""

    def __init__(self, name=None):
        self.name = name or os.environ.get("VMFERRY_LAB_NAME") or "lab"
        if not re.fullmatch(r"[a-z][a-z0-9]{0,5}", self.name):
            raise ValueError(f"lab name '{self.name}': a letter and up to 5 letters or digits")
        self.number = zlib.crc32(self.name.encode()) % 255
        self.prefix = f"vmfl-{self.name}"
        self.uplink = self.prefix  # the only interface of the lab in the root namespace
        self.uplink_mac = f"02:d5:00:00:{self.number:02x}:01"
        self.switch_netns = self.netns("switch")
        self.controller_address = self.address_of_number(1)
        base = os.environ.get("VMFERRY_LAB_DIR")
        self.state = (Path(base) if base else _in_memory() / "vmferry-lab") / self.name
        self.work = Path("/var/tmp/vmferry-lab") / self.name

    def address_of_number(self, number):
        return f"10.213.{self.number}.{number}"

    def address(self, node):
        return self.address_of_number(_NODE_NUMBERS[node])

    def netns(self, node):
        return f"{self.prefix}-{node}"

    def port(self, node):
        """The node's veth end at the lab's switch."""
        return f"{self.prefix}-{node[0]}{node[-1]}"

    def node_mac(self, node):
        return f"02:d5:00:00:{self.number:02x}:{_NODE_NUMBERS[node]:02x}"

    def guest_mac(self, number):
        return f"52:54:00:d5:{self.number:02x}:{number:02x}"

    def host_uuid(self, node):
        """Equal on every start, different on every host: libvirt refuses a move to itself."""
        return f"d5d5d5d5-0000-4000-8000-{self.number:06x}{_NODE_NUMBERS[node]:06x}"

    def hosts_file(self):
        """What /etc/hosts says inside every node; libvirt resolves the peer by name."""
        lines = ["127.0.0.1 localhost", f"{self.controller_address} controller"]
        lines += [f"{self.address(node)} {node}" for node in _NODE_NUMBERS]
        return "\n".join(lines) + "\n"
