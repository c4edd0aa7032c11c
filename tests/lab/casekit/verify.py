"""Verdicts about a move, by what libvirt, QEMU, the wire and the disks say. Never vmferry.

Each function returns sentences; an empty list is good.
"""

import re
import time
from xml.etree import ElementTree

from labkit import snapshot
from labkit.inventory import inventory, migration_ports
from labkit.shell import LabError

SETTLE_LIMIT_S = 2.0
QEMU_LIMIT_S = 3.0
_NAMESPACE_WORD = "vmferry"
# Logs grow; a tap's number and a share's owner may differ without a meaning for a move.
_IGNORED = ("logs", "interfaces")
# What a move to another host may change in the description of a domain.
_OWN_OF_A_HOST = ("id", "live_xml", "inactive_xml", "cpu_time_s", "job")


class Before:
    """Everything that is compared later."""

    def __init__(self, lab, guest, source, target):
        self.guest = guest
        self.source = source
        self.target = target
        self.ignored = set(snapshot.VOLATILE)
        self.image = snapshot.take(lab, guest)
        self.inventories = {host.name: inventory(host) for host in lab.hosts.values() if host.is_running()}

    @property
    def domain(self):
        return self.image[self.source.name]


def until_good(check, limit=SETTLE_LIMIT_S):
    """Problems that stay. A daemon may need some milliseconds to forget what has ended."""
    deadline = time.monotonic() + limit
    while True:
        found = check()
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


# -- one running copy --

def qemu_status(observer, host, guest):
    """What a host's QEMU of the guest says now: "running", "paused", .. or "gone" or "silent".

    Asked through the observer's connection: QEMU serves one client of that socket at a time.
    """
    if not host.is_running() or host.qemu_pid(guest.name) is None:
        return "gone"
    begin = time.monotonic()
    while time.monotonic() < begin + QEMU_LIMIT_S:
        latest = [sample for sample in observer.samples(guest.name) if sample.host == host.name][-1:]
        if latest and latest[0].asked >= begin:
            return latest[0].status
        time.sleep(0.01)
    return "silent"


def copies_problems(observer, guest, place, status="running"):
    """QEMU's own word on each host: `status` at `place`, no emulator anywhere else."""
    found = []
    for host in observer.lab.hosts.values():
        seen = qemu_status(observer, host, guest)
        wanted = status if host is place else "gone"
        if seen != wanted:
            found.append(f"QEMU on {host.name} is {seen}, not {wanted}")
    return found


def alive_problems(observer, guest, place, since):
    """It beats, from the right host only, and its worker answers."""
    try:
        observer.wait_beat(guest.name, timeout=5, vantage=place.name)
        guest.command("stat", timeout=5)
    except LabError as error:
        return [str(error)]
    talkers = observer.hosts_seen(guest.name, since)
    return [] if talkers == [place.name] else [f"{guest.name} speaks from {' and '.join(talkers)}"]


def guest_problems(observer, guest, place):
    """Counter, memory and disks, over all that was observed. `place`: where a local disk is."""
    return observer.problems(guest.name) + observer.disk_problems(guest, place.name)


# -- equal to the before image --

def back_problems(lab, before):
    """Field by field as before, on all hosts, and nothing left over."""
    now = snapshot.take(lab, before.guest)
    found = snapshot.differences(_plain(before.image), _plain(now), before.ignored)
    old, new = before.domain, now.get(before.source.name)
    if old and new and _seconds(new["cpu_time_s"]) < _seconds(old["cpu_time_s"]):
        found.append("the source's cpu time went back: it is another instance")
    for name, old_inventory in before.inventories.items():
        found += _inventory_problems(name, old_inventory, inventory(lab.host(name)))
    return found + marker_problems(now)


def _plain(image):
    return {place: _plain_domain(domain) if place != "files" and domain else domain
            for place, domain in image.items()}


def _plain_domain(domain):
    """Without what means nothing: "running (unpaused)" cannot become "running (booted)" again."""
    return {**domain, "state": _first_word(domain["state"]),
            **{field: _plain_xml(domain[field]) for field in ("live_xml", "inactive_xml")}}


def _plain_xml(xml):
    """libvirt keeps the empty shell of removed metadata, and forgets some aliases when it restarts."""
    without = re.sub(r'<alias name="[^"]*"/>\n', "", xml.replace("<metadata/>\n", ""))
    return re.sub(r"(<(\w+)[^<>]*[^/])>\n</\2>", r"\1/>", without)


def _inventory_problems(name, old, new):
    found = [f"{name}: port {port} still listens" for port in migration_ports(new)]
    for category in sorted(old.keys() | new.keys()):
        if category in _IGNORED:
            continue
        before, after = set(old.get(category, ())), set(new.get(category, ()))
        found += [f"{name}: {category}: left over: {word}" for word in sorted(after - before)]
        found += [f"{name}: {category}: gone: {word}" for word in sorted(before - after)]
    taps = [sum(word.startswith("vnet") for word in side["interfaces"]) for side in (old, new)]
    if taps[0] != taps[1]:
        found.append(f"{name}: {taps[1]} taps, before {taps[0]}")
    return found


def marker_problems(image):
    """Our marker, or anything of our namespace, in a definition."""
    return [f"{host}: our marker is still in the {field}" for host, domain in image.items()
            if host != "files" and domain for field in ("live_xml", "inactive_xml")
            if _NAMESPACE_WORD in _metadata(domain[field])]


def _metadata(xml):
    if not xml:
        return ""
    element = ElementTree.fromstring(xml).find("metadata")
    return "" if element is None else ElementTree.tostring(element, encoding="unicode")


def _seconds(text):
    return float(re.sub(r"[^0-9.]", "", text) or 0)


# -- off --

def off_problems(lab, before):
    """Not running anywhere; defined as before at the source, unknown at the target, nothing left."""
    now = snapshot.take(lab, before.guest)
    old, new = before.domain, now.get(before.source.name)
    if new is None:
        return [f"{before.source.name} does not know {before.guest.name} any more"]
    found = [f"{before.source.name}: {field}: {old[field]!r} -> {new[field]!r}"
             for field in ("autostart", "persistent", "snapshots", "checkpoints") if old[field] != new[field]]
    found += [f"inactive_xml: {line}" for line in sorted(
        set(_plain_xml(old["inactive_xml"]).splitlines()) ^ set(_plain_xml(new["inactive_xml"]).splitlines()))]
    if _first_word(new["state"]) != "shut":
        found.append(f"{before.source.name}: state: {new['state']!r}, not shut off")
    if now[before.target.name] != before.image[before.target.name]:
        found.append(f"{before.target.name} knows {before.guest.name}")
    now_there = inventory(before.target)
    return found + _inventory_problems(before.target.name, before.inventories[before.target.name], now_there) + \
        marker_problems(now)


# -- committed --

def committed_problems(lab, before):
    """The target has what the source had; the source has what the target had: nothing of the VM."""
    now = snapshot.take(lab, before.guest)
    old, new = before.domain, now[before.target.name]
    if new is not None:
        old, new = _plain_domain(old), _plain_domain(new)
    else:
        return [f"{before.target.name} does not know {before.guest.name}"]
    found = [f"{before.target.name}: {field}: {old[field]!r} -> {new[field]!r}" for field in old
             if field not in _OWN_OF_A_HOST and field not in before.ignored and old[field] != new[field]]
    if new["job"] not in ("None", "Completed", ""):
        found.append(f"{before.target.name}: job: {new['job']}")
    found += _xml_problems(old, new)
    if now[before.source.name] != before.image[before.target.name]:
        found.append(f"{before.source.name} still knows {before.guest.name}")
    return found + _swap_problems(lab, before) + marker_problems(now)


def _first_word(text):
    return text.split(maxsplit=1)[0] if text.strip() else ""


def _xml_problems(old, new):
    found = []
    for field in ("live_xml", "inactive_xml"):
        lines = [set(map(_without_host_words, domain[field].splitlines())) for domain in (old, new)]
        found += [f"{field}: gone: {line}" for line in sorted(lines[0] - lines[1])]
        found += [f"{field}: new: {line}" for line in sorted(lines[1] - lines[0])]
    return found


def _without_host_words(line):
    line = re.sub(r'<domain id="\d+"', "<domain", line)
    line = re.sub(r'vnet\d+', "vnet", line)
    # The target's libvirt writes where the file came from, and what a host's label is.
    return re.sub(r"<(base)?label>.*</(base)?label>", "<label/>", line)


def _swap_problems(lab, before):
    """What mentions the VM changed places; everything else is as it was."""
    source, target = before.source.name, before.target.name
    now = {name: inventory(lab.host(name)) for name in (source, target)}
    found = []
    for name, other in ((source, target), (target, source)):
        old_mine = _mentions(before.inventories[other], before.guest)
        found += _compare(name, "of the VM", old_mine, _mentions(now[name], before.guest))
        found += _compare(name, "of others", _mentions(before.inventories[name], before.guest, False),
                          _mentions(now[name], before.guest, False))
        found += [f"{name}: port {port} still listens" for port in migration_ports(now[name])]
    return found


def _mentions(found, guest, mine=True):
    """Lines about the guest, or all other lines, without what may differ between hosts."""
    result = set()
    for category, words in found.items():
        if category in _IGNORED:
            continue
        for word in words:
            if (guest.name in word or guest.uuid in word) == mine:
                # An NVRAM file's content changes while the guest runs.
                result.add((category, word.split(" ")[0] if category == "nvram" else word))
    return result


def _compare(host, whose, old, new):
    return [f"{host}: {whose}: {category}: left over: {word}" for category, word in sorted(new - old)] + \
           [f"{host}: {whose}: {category}: missing: {word}" for category, word in sorted(old - new)]
