"""What is built once and cached: the guest's initramfs, process 1 of nodes, the emulator.

The cache outlives `lab down` (`lab down --purge` removes it) and is shared by all labs.
It also keeps libvirt's QEMU capabilities, whose probing costs seconds under emulation.
"""

import hashlib
import os
import shutil
import zlib
from functools import cache
from pathlib import Path

from .mutex import held
from .names import CACHE, HERE
from .shell import LabError, run

EMULATOR = CACHE / "qemu-system-x86_64"
REAPER = CACHE / "reaper"
_PROBED = (Path("/usr/bin/qemu-system-x86_64"), Path("/usr/sbin/libvirtd"))
_GUEST_SOURCES = [HERE / "guest" / name for name in ("build", "init", "worker.c")]


@cache
def kernel():
    """The newest Debian cloud kernel under /boot."""
    found = sorted(Path("/boot").glob("vmlinuz-*-cloud-amd64"), key=os.path.getmtime)
    if not found:
        raise LabError("no /boot/vmlinuz-*-cloud-amd64: install linux-image-cloud-amd64")
    return found[-1]


@cache
def initramfs():
    """Named by its content: guests that run with an older one can still be moved."""
    return CACHE / f"initramfs-{_digest([*_GUEST_SOURCES, kernel()])}"


def build_all():
    with held("vmferry-lab-build"):
        CACHE.mkdir(parents=True, exist_ok=True)
        if not initramfs().exists():
            release = kernel().name.removeprefix("vmlinuz-")
            run([HERE / "guest/build", release, initramfs()])
        reaper = HERE / "node/reaper.c"
        _make(REAPER, [reaper], lambda draft: run(["gcc", "-static", "-Os", "-s", "-o", draft, reaper]))
        # A touched emulator makes libvirt probe again, so it is replaced only on a change.
        emulator = HERE / "node/emulator"
        _make(EMULATOR, [emulator], lambda draft: shutil.copy(emulator, draft))


def _make(product, sources, build):
    """Build by rename: another lab may be running the old one."""
    digest = _digest(sources)
    stamp = product.with_name(product.name + ".sum")
    if product.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    draft = product.with_name(product.name + ".new")
    build(draft)
    draft.rename(product)
    stamp.write_text(digest)


def _digest(sources):
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _capabilities():
    """libvirt sees the emulator script only; QEMU behind it may have changed, hence the name."""
    stamps = [f"{path.stat().st_size} {path.stat().st_mtime_ns}" for path in (*_PROBED, EMULATOR)]
    return CACHE / f"capabilities-{zlib.crc32(' '.join(stamps).encode()):08x}"


def lend_capabilities(libvirt_cache):
    """Give a new host what an earlier one has probed; libvirt checks that it still holds."""
    target = libvirt_cache / "qemu/capabilities"
    if _capabilities().exists() and not target.exists():
        shutil.copytree(_capabilities(), target)


def keep_capabilities(host):
    """Let a running host probe and keep the result, once."""
    kept = _capabilities()
    with held("vmferry-lab-build"):
        if kept.exists():
            return
        host.virsh(f"domcapabilities --virttype qemu --emulatorbin {EMULATOR}; capabilities")
        draft = kept.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(host.work / "cache/qemu/capabilities", draft)
        draft.rename(kept)


def purge():
    shutil.rmtree(CACHE, ignore_errors=True)
