"""Watches guests from outside and says what went wrong. It asks QEMU and the wire, never the tool
under test.

Invariants it checks:
- a counter number of one boot is sent once: a number sent twice is a fork or an old copy;
- once a new boot of a guest has been seen, the old one is silent;
- no two QEMUs of a guest are running at the same time;
- acknowledged disk writes are on the disk; memory read back is what was written.
"""

import threading
import time
from typing import NamedTuple

from .disks import verify_disk
from .heartbeat import NET, Sniffer
from .qmp import Watch
from .shell import LabError


class Gap(NamedTuple):
    start: float
    end: float

    @property
    def seconds(self):
        return self.end - self.start


class Mark(NamedTuple):
    time: float
    text: str


class Observer:
    """Records from the start of the `with` block to its end; questions may be asked during it.

    All times are CLOCK_MONOTONIC seconds, which other processes of the machine share.
    """

    def __init__(self, lab, guests=(), qmp_interval=0.02):
        """Heartbeats of all guests are recorded; QEMUs are asked for `guests` (Guest objects)."""
        self.lab = lab
        self.marks = []
        self.lost_packets = 0
        self._guests = {guest.name: guest for guest in guests}
        self._beats = {}
        self._arrival = threading.Condition()
        self._qmp_interval = qmp_interval
        self._sniffer = None
        self._watches = {}

    def __enter__(self):
        self._sniffer = Sniffer(self.lab, self._take)
        for guest in self._guests:
            self._watches[guest] = [Watch(host, guest, self._qmp_interval)
                                    for host in self.lab.hosts.values()]
        return self

    def __exit__(self, *_):
        self.lost_packets = self._sniffer.stop()
        for watches in self._watches.values():
            for watch in watches:
                watch.stop()

    def _take(self, beat):
        with self._arrival:
            self._beats.setdefault(beat.guest, []).append(beat)
            self._arrival.notify_all()

    # -- record --

    def mark(self, text):
        """Put a remark into the timeline."""
        self.marks.append(Mark(time.monotonic(), text))

    def beats(self, guest, vantage=None, since=0.0, until=float("inf")):
        """Beats in order of time; of one vantage ("net" or a host), or of all hosts' taps."""
        with self._arrival:
            recorded = list(self._beats.get(guest, ()))
        return sorted((beat for beat in recorded if since <= beat.time <= until
                       and (beat.vantage == vantage if vantage else beat.vantage != NET)),
                      key=lambda beat: beat.time)

    def wait_beat(self, guest, timeout=30.0, vantage=NET, since=None):
        """The next beat from now on (or from `since`); raises LabError when none comes."""
        since = time.monotonic() if since is None else since
        deadline = time.monotonic() + timeout

        def newest():
            for beat in reversed(self._beats.get(guest, ())):
                if beat.time < since:
                    return None
                if beat.vantage == vantage:
                    return beat
            return None

        with self._arrival:
            if not self._arrival.wait_for(newest, max(0.0, deadline - time.monotonic())):
                raise LabError(f"no heartbeat of {guest} seen at {vantage} within {timeout} s")
            return newest()

    def samples(self, guest):
        """What the QEMUs of a guest said, on all hosts, in order of time."""
        return sorted(sample for watch in self._watches.get(guest, ()) for sample in watch.samples)

    def events(self, guest):
        """QMP events of the guest's QEMUs on all hosts, in order of time."""
        return sorted((event for watch in self._watches.get(guest, ()) for event in watch.events),
                      key=lambda event: event.time)

    # -- questions --

    def gaps(self, guest, minimum=0.0, since=0.0, until=float("inf")):
        """Pauses between consecutive beats as the outside world got them, longest first."""
        beats = self.beats(guest, NET, since, until)
        found = [Gap(a.time, b.time) for a, b in zip(beats, beats[1:]) if b.time - a.time >= minimum]
        return sorted(found, key=lambda gap: -gap.seconds)

    def max_gap(self, guest, since=0.0, until=float("inf")):
        """The longest pause in seconds; raises LabError when there are not even two beats."""
        gaps = self.gaps(guest, 0.0, since, until)
        if not gaps:
            raise LabError(f"{guest}: no two heartbeats to measure between")
        return gaps[0].seconds

    def boots(self, guest):
        """Nonces in the order of their first beat; more than one means the guest was restarted."""
        return list(dict.fromkeys(beat.nonce for beat in self.beats(guest)))

    def hosts_seen(self, guest, since=0.0):
        """Hosts whose copy sent beats, in the order of the last beat; the last one runs now."""
        last = {beat.vantage: beat.time for beat in self.beats(guest, since=since)}
        return sorted(last, key=last.get)

    def acked(self, guest):
        """{disk: highest write number the guest said was synced}"""
        highest = {}
        for beat in self.beats(guest):
            for disk, mark in beat.disks.items():
                highest[disk] = max(highest.get(disk, 0), mark.acked)
        return highest

    # -- verdicts --

    def problems(self, guest):
        """Broken invariants seen on the wire and in the QEMUs, as sentences; empty is good."""
        beats = self.beats(guest)
        found = _counter_problems(beats) + _boot_problems(beats) + _worker_problems(beats)
        found += self._two_running(guest)
        if self.lost_packets:
            found.append(f"the observer itself lost {self.lost_packets} packets")
        return [f"{guest}: {text}" for text in found]

    def disk_problems(self, guest, host=None):
        """Compare every disk with the highest acknowledged write. `host`: for local storage."""
        acked = self.acked(guest.name)
        found = []
        for disk in guest.disks:
            found += verify_disk(self.lab, disk, acked.get(disk["target"], 0), host)
        return [f"{guest.name}: {text}" for text in found]

    def _two_running(self, guest):
        spans = [span for watch in self._watches.get(guest, ()) for span in _running_spans(watch.samples)]
        found = []
        for index, (start, end, host) in enumerate(spans):
            for other_start, other_end, other_host in spans[index + 1:]:
                overlap = min(end, other_end) - max(start, other_start)
                if host != other_host and overlap > 0:
                    found.append(f"QEMUs running on {host} and {other_host} at the same time "
                                 f"for at least {overlap * 1000:.0f} ms")
        return found

    def timeline(self, guest, since=0.0):
        """Marks, QMP events, status changes, pauses over 50 ms and changes of host, in order."""
        rows = [(mark.time, mark.text) for mark in self.marks]
        rows += [(event.time, f"{event.host} {event.event} {event.data or ''}".rstrip())
                 for event in self.events(guest)]
        rows += _status_changes(self.samples(guest))
        rows += [(gap.end, f"heartbeat again after {gap.seconds * 1000:.0f} ms")
                 for gap in self.gaps(guest, 0.05)]
        previous = None
        for beat in self.beats(guest):
            if (beat.vantage, beat.nonce) != previous:
                rows.append((beat.time, f"heartbeats from {beat.vantage}, counter {beat.sequence}, "
                                        f"boot {beat.nonce:016x}"))
                previous = (beat.vantage, beat.nonce)
        return sorted(row for row in rows if row[0] >= since)

    def print_timeline(self, guest, since=0.0):
        rows = self.timeline(guest, since)
        for when, text in rows:
            print(f"  {when - rows[0][0]:9.3f}  {text}")


def _counter_problems(beats):
    """Numbers sent twice, or lower than one sent before, within one boot."""
    found = []
    first_seen, highest = {}, {}
    for beat in beats:
        key = (beat.nonce, beat.sequence)
        if key in first_seen:
            earlier = first_seen[key]
            found.append(f"counter {beat.sequence} sent twice: by {earlier.vantage} and "
                         f"{(beat.time - earlier.time) * 1000:.0f} ms later by {beat.vantage}")
        elif beat.sequence < highest.get(beat.nonce, 0):
            found.append(f"counter went back from {highest[beat.nonce]} to {beat.sequence} on {beat.vantage}")
        first_seen.setdefault(key, beat)
        highest[beat.nonce] = max(beat.sequence, highest.get(beat.nonce, 0))
    return _shortened(found)


def _boot_problems(beats):
    """An old boot that speaks after a newer one has spoken: two copies were running."""
    order = list(dict.fromkeys(beat.nonce for beat in beats))
    newest, found = -1, []
    for beat in beats:
        position = order.index(beat.nonce)
        if position < newest:
            found.append(f"boot {beat.nonce:016x} still speaks from {beat.vantage} after a newer boot")
        newest = max(newest, position)
    return _shortened(found)


def _worker_problems(beats):
    """What the guest itself noticed: memory that changed, writes that failed or were forgotten."""
    if not beats:
        return []
    found = []
    last = beats[-1]
    if last.ram_errors:
        found.append(f"{last.ram_errors} memory pages were not what the guest had written")
    for disk, mark in last.disks.items():
        if mark.errors:
            found.append(f"{disk}: {mark.errors} write errors, the last one errno {mark.last_errno}")
    highest = {}
    for beat in beats:
        for disk, mark in beat.disks.items():
            if mark.acked < highest.get(disk, 0) and mark.acked:
                found.append(f"{disk}: acknowledged {highest[disk]}, then only {mark.acked}")
            highest[disk] = max(mark.acked, highest.get(disk, 0))
    return _shortened(found)


def _shortened(found):
    return found if len(found) <= 3 else [*found[:3], f"and {len(found) - 3} more of this kind"]


def _running_spans(samples):
    """(start, end, host) in which a QEMU was proven to run: from an answer to a later question."""
    spans, start, end = [], None, None
    for sample in samples:
        if sample.status == "running":
            start = sample.answered if start is None else start
            end = sample.asked
        elif sample.status != "silent" and start is not None:
            spans.append((start, end, sample.host))
            start = None
    if start is not None:
        spans.append((start, end, samples[-1].host))
    return [span for span in spans if span[1] > span[0]]


def _status_changes(samples):
    rows, last = [], {}
    for sample in samples:
        if last.get(sample.host) != sample.status:
            rows.append((sample.answered, f"{sample.host} QEMU {sample.status}"))
            last[sample.host] = sample.status
    return rows
