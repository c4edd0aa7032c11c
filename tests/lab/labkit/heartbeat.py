"""Heartbeats of guests, taken from the wire.

They are sniffed, not received on a port, so any number of observers can watch at once,
and each host is watched at its own taps: a copy that runs behind a cut link is seen too.
A beat therefore has a vantage: "net" is what the outside world gets, a host's name says
which host's copy sent it.
"""

import ctypes
import os
import selectors
import socket
import struct
import threading
import time
from typing import NamedTuple

from .names import HEARTBEAT_PORT

NET = "net"
_HEAD = struct.Struct("<8sQQQIIQ24sI")
_DISK = struct.Struct("<8sQII")

_ETH_P_ALL, _ETH_P_IP = 0x0003, 0x0800
_PACKET_OUTGOING = 4
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_SO_ATTACH_FILTER, _SO_RCVBUFFORCE, _SO_TIMESTAMPNS = 26, 33, 35
_CLONE_NEWNET = 0x40000000


class DiskMark(NamedTuple):
    """What a heartbeat says of one disk."""
    acked: int
    errors: int
    last_errno: int


class Beat(NamedTuple):
    time: float  # CLOCK_MONOTONIC of this machine, by the kernel's receive time stamp
    vantage: str
    guest: str
    nonce: int
    sequence: int
    guest_ns: int
    interval_us: int
    ram_errors: int
    pages_dirtied: int
    disks: dict


def parse(payload, when, vantage):
    """The Beat in a UDP payload, or None when it is none."""
    if len(payload) < _HEAD.size or not payload.startswith(b"VMFLHB01"):
        return None
    _, nonce, sequence, guest_ns, interval, ram_errors, dirtied, guest, count = _HEAD.unpack_from(payload)
    if len(payload) < _HEAD.size + count * _DISK.size:
        return None
    disks = {}
    for index in range(count):
        name, acked, errors, last = _DISK.unpack_from(payload, _HEAD.size + index * _DISK.size)
        disks[_text(name)] = DiskMark(acked, errors, last)
    return Beat(when, vantage, _text(guest), nonce, sequence, guest_ns, interval, ram_errors, dirtied, disks)


def _text(raw):
    return raw.rstrip(b"\0").decode(errors="replace")


class Sniffer:
    """Calls `deliver(beat)` in a thread of its own for every beat of a lab."""

    def __init__(self, lab, deliver):
        self._deliver = deliver
        self._selector = selectors.DefaultSelector()
        self._sockets = {NET: _packet_socket(None, lab.names.uplink)}
        for host in lab.hosts.values():
            self._sockets[host.name] = _packet_socket(host.netns, None)
        for vantage, sock in self._sockets.items():
            self._selector.register(sock, selectors.EVENT_READ, vantage)
        self._latest = dict.fromkeys(self._sockets, 0.0)
        self._stopping = False
        self._thread = threading.Thread(target=self._receive, name="sniffer", daemon=True)
        self._thread.start()

    def stop(self):
        """Returns the number of packets the kernel had no room for (0, or the record has holes)."""
        self._stopping = True
        self._thread.join()
        lost = 0
        for sock in self._sockets.values():
            lost += struct.unpack("II", sock.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))[1]
            sock.close()
        self._selector.close()
        return lost

    def _receive(self):
        while not self._stopping:
            for key, _ in self._selector.select(timeout=0.1):
                self._drain(key.fileobj, key.data)

    def _drain(self, sock, vantage):
        shift = _monotonic_minus_real()
        while True:
            try:
                packet, extra, _, source = sock.recvmsg(2048, 64)
            except BlockingIOError:
                return
            except OSError:
                return  # the interface went down; the socket works again when it is up
            if vantage != NET and not source[0].startswith("vnet"):
                continue
            seconds, nanoseconds = struct.unpack("qq", extra[0][2])
            header = (packet[0] & 15) * 4 + 8
            beat = parse(packet[header:], self._in_order(vantage, seconds + nanoseconds * 1e-9 + shift), vantage)
            if beat:
                self._deliver(beat)

    def _in_order(self, vantage, when):
        """A packet comes after those before it on its socket, and not in the future.

        The stamps are the kernel's CLOCK_REALTIME, which time synchronisation moves by some milliseconds:
        what was stamped before such a step and is read after it would be off by as much.
        """
        self._latest[vantage] = max(self._latest[vantage], min(when, time.monotonic()))
        return self._latest[vantage]


def _monotonic_minus_real():
    """The kernel stamps packets with CLOCK_REALTIME. A shift read while this thread lost the CPU would put
    beats before older ones, as if the guest's counter went back."""
    while True:
        before = time.clock_gettime(time.CLOCK_MONOTONIC)
        real = time.clock_gettime(time.CLOCK_REALTIME)
        after = time.clock_gettime(time.CLOCK_MONOTONIC)
        if after - before < 20e-6:
            return (before + after) / 2 - real


def _packet_socket(netns, interface):
    """A packet socket for heartbeats only, in another network namespace if named."""
    result = []

    def create():
        if netns:
            _enter(netns)
        protocol = 0 if interface else socket.htons(_ETH_P_ALL)  # without one: all interfaces
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, protocol)
        _attach_filter(sock)
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 8 << 20)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.setblocking(False)
        if interface:
            sock.bind((interface, _ETH_P_ALL))
        result.append(sock)

    # setns changes the thread that calls it; this one ends with it.
    thread = threading.Thread(target=create)
    thread.start()
    thread.join()
    return result[0]


def _enter(netns):
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    try:
        if libc.setns(descriptor, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {netns}")
    finally:
        os.close(descriptor)


def _attach_filter(sock):
    """Classic BPF: incoming IPv4 UDP to the heartbeat port. Offsets count from the IP header.

    A tap's frames go into the bridge; only sockets for all protocols see them before.
    """
    protocol, packet_type = 0xFFFFF000, 0xFFFFF004  # SKF_AD_OFF + SKF_AD_PROTOCOL, _PKTTYPE
    program = [
        (0x20, 0, 0, protocol),                 # ld   ethernet protocol
        (0x15, 0, 8, _ETH_P_IP),                # jne  IPv4 -> drop
        (0x20, 0, 0, packet_type),              # ld   packet type
        (0x15, 6, 0, _PACKET_OUTGOING),         # jeq  outgoing -> drop
        (0x30, 0, 0, 9),                        # ldb  IP protocol
        (0x15, 0, 4, socket.IPPROTO_UDP),       # jne  UDP -> drop
        (0xB1, 0, 0, 0),                        # ldxb 4 * header length
        (0x48, 0, 0, 2),                        # ldh  UDP destination port
        (0x15, 0, 1, HEARTBEAT_PORT),           # jne  port -> drop
        (0x06, 0, 0, 0xFFFF),                   # ret  all
        (0x06, 0, 0, 0),                        # ret  nothing
    ]
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code)
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER,
                    struct.pack("HL", len(program), ctypes.addressof(buffer)))
