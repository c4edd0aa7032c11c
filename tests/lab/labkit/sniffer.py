"""What goes over a host's wire, searched for byte strings: is it in clear text?

Run as a program it listens in the network namespace that it was started in, and prints counts as
JSON when its standard input ends.
"""

import json
import select
import socket
import subprocess
import sys
from contextlib import contextmanager

from .shell import LabError

_ETH_P_ALL = 0x0003
_IPPROTO_TCP = 6
# Where QEMU of the target listens for memory streams and NBD (qemu.conf, migration_port_min and _max).
_MIGRATION_PORTS = range(49152, 49216)
_RECEIVE_BYTES = 32 << 20


class Capture:
    """Filled when the block of `capture` ends."""

    def __init__(self):
        self.stream_bytes = 0
        self.found = {}


@contextmanager
def capture(host, words):
    """Counts the migration streams' bytes at a host, and how often each word (bytes) is in them. A word of fewer than
    eight bytes is found by chance in the noise of a long encrypted stream."""
    result = Capture()
    process = subprocess.Popen(
        ["ip", "netns", "exec", host.netns, sys.executable, "-m", __name__, *(word.hex() for word in words)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=__file__.rsplit("/", 2)[0])
    try:
        if process.stdout.readline() != b"ready\n":
            raise LabError(f"{host.name}: cannot listen to the wire")
        yield result
    finally:
        out, _ = process.communicate(timeout=20)
    told = json.loads(out)
    if told["lost"]:
        raise LabError(f"{host.name}: {told['lost']} packets were not seen")
    result.stream_bytes, result.found = told["stream_bytes"], dict(zip(words, told["found"]))


def _stream_payload(packet):
    """The TCP payload of a frame of a migration stream, or nothing."""
    if packet[12:14] != b"\x08\x00" or packet[23] != _IPPROTO_TCP:
        return b""
    tcp = 14 + 4 * (packet[14] & 15)
    ports = int.from_bytes(packet[tcp:tcp + 2], "big"), int.from_bytes(packet[tcp + 2:tcp + 4], "big")
    if ports[0] not in _MIGRATION_PORTS and ports[1] not in _MIGRATION_PORTS:
        return b""
    return packet[tcp + 4 * (packet[tcp + 12] >> 4):]


def _listen(words):
    """Once per packet: what lies across two is missed, which a test for many words can bear."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, 33, _RECEIVE_BYTES)  # SO_RCVBUFFORCE
    sock.bind(("eth0", 0))
    print("ready", flush=True)
    stream_bytes, found = 0, [0] * len(words)
    while sys.stdin not in select.select([sock, sys.stdin], [], [])[0]:
        payload = _stream_payload(sock.recv(1 << 16))
        stream_bytes += len(payload)
        for number, word in enumerate(words):
            found[number] += payload.count(word)
    lost = int.from_bytes(sock.getsockopt(263, 6, 8)[4:8], sys.byteorder)  # SOL_PACKET, PACKET_STATISTICS
    print(json.dumps({"stream_bytes": stream_bytes, "found": found, "lost": lost}))


if __name__ == "__main__":
    _listen([bytes.fromhex(word) for word in sys.argv[1:]])
