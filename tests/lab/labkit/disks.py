"""Reads what a guest's worker has written, and says what is missing.

Block n of a disk's ring (guest/worker.c) is written and synced before n is acknowledged
in a heartbeat. So the disk may be ahead of the last acknowledgement, never behind it,
and the ring must hold an unbroken run of numbers.
"""

import struct
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple

from .guest import disk_files
from .shell import LabError, run

BLOCK_SIZE = 4096
RING_SLOTS = 1024
_HEAD = struct.Struct("<8sQQQ8sI")
_CRC_OFFSET = _HEAD.size - 4


class Ring(NamedTuple):
    """Numbers found on a disk: slot -> number; `torn` are slots whose checksum is wrong."""
    numbers: dict
    torn: list

    @property
    def highest(self):
        return max(self.numbers.values(), default=0)


def read_ring(path, disk_format="raw", run=run):
    """Read the ring of an image file, also of one in use. `run`: of a host, where only that finds its backing images."""
    if disk_format == "raw":
        with open(path, "rb") as file:
            return _parse(file.read(BLOCK_SIZE * (RING_SLOTS + 1)))
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory, "ring")
        run(["qemu-img", "dd", "-U", "-f", disk_format, "-O", "raw", f"bs={BLOCK_SIZE}",
             f"count={RING_SLOTS + 1}", f"if={path}", f"of={copy}"])
        return _parse(copy.read_bytes())


def _parse(data):
    numbers, torn = {}, []
    for slot in range(RING_SLOTS):
        block = data[(slot + 1) * BLOCK_SIZE:(slot + 2) * BLOCK_SIZE]
        if len(block) < BLOCK_SIZE or not block.startswith(b"VMFLBLK1"):
            continue
        _, number, _, _, _, stored = _HEAD.unpack_from(block)
        clean = block[:_CRC_OFFSET] + b"\0\0\0\0" + block[_CRC_OFFSET + 4:]
        if zlib.crc32(clean) == stored and number % RING_SLOTS == slot:
            numbers[slot] = number
        else:
            torn.append(slot)
    return Ring(numbers, torn)


def problems_of_ring(ring, acked):
    """What a ring says against the highest acknowledged number, as a list of sentences."""
    found = []
    highest = ring.highest
    if highest < acked:
        found.append(f"write {acked} was acknowledged, the disk ends at {highest}")
    missing = [number for number in range(max(1, highest - RING_SLOTS + 2), highest)
               if ring.numbers.get(number % RING_SLOTS) != number]
    if missing:
        found.append(f"{len(missing)} writes before {highest} are missing, first {missing[0]}")
    next_slot = (highest + 1) % RING_SLOTS
    if any(slot != next_slot for slot in ring.torn):  # one write may be under way
        found.append(f"torn blocks in slots {ring.torn[:5]}")
    return found


def verify_disk(lab, disk, acked, host=None):
    """Problems of one disk of a guest record. `host` says whose file, for local storage."""
    files = disk_files(lab, disk)
    if disk["storage"] == "local":
        if host is None:
            raise LabError("local storage: say on which host to look")
        files = [lab.host(host).path(disk["path"])]
    if not files[0].exists():
        return [f"{disk['target']}: {files[0].name} does not exist"]
    if disk.get("backing"):
        ring = read_ring(disk["path"], disk["format"], lab.host(host).run)
    else:
        ring = read_ring(files[0], disk["format"])
    return [f"{disk['target']}: {text}" for text in problems_of_ring(ring, acked)]
