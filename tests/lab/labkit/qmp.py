"""The observer's own QMP connection to a guest's QEMU.

It uses the second socket the lab's emulator opens, so it never takes libvirt's
per-domain job and sees the truth while libvirt waits. A QEMU that loads an incoming
guest may not answer for a while; that is reported as silence, never as a state.
"""

import itertools
import json
import socket
import threading
import time
from typing import NamedTuple


_questions = itertools.count()


class QmpGone(Exception):
    """No such QEMU, or it ended."""


class QmpSilent(Exception):
    """The QEMU is there and does not answer within the time given."""


def socket_path(host, guest_name):
    return host.run_directory / "lab-qmp" / f"{guest_name}.sock"


class Qmp:
    """One connection. Events that arrive between answers are kept in `events`."""

    def __init__(self, host, guest_name, timeout=1.0):
        self.events = []
        self._buffer = b""
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.settimeout(timeout)
        try:
            self._sock.connect(str(socket_path(host, guest_name)))
            self._next()  # greeting
            self.execute("qmp_capabilities")
        except (FileNotFoundError, ConnectionRefusedError) as error:
            self.close()
            raise QmpGone(str(error)) from error
        except (QmpGone, QmpSilent):
            self.close()
            raise

    def execute(self, command, **arguments):
        # A slow QEMU may give this connection the answer to a question of the one before it.
        number = next(_questions)
        request = {"execute": command, "id": number}
        if arguments:
            request["arguments"] = {name.replace("_", "-"): value for name, value in arguments.items()}
        try:
            self._sock.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise QmpGone(str(error)) from error
        while True:
            answer = self._next()
            if "event" in answer:
                self.events.append(answer)
            elif answer.get("id") != number:
                continue
            elif "error" in answer:
                raise ValueError(f"{command}: {answer['error']['desc']}")
            else:
                return answer["return"]

    def _next(self):
        while b"\n" not in self._buffer:
            try:
                data = self._sock.recv(65536)
            except TimeoutError as error:
                raise QmpSilent("no answer") from error
            except OSError as error:
                raise QmpGone(str(error)) from error
            if not data:
                raise QmpGone("end of file")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def close(self):
        self._sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def query_status(host, guest_name, timeout=1.0):
    """The status word, or "gone" or "silent"."""
    try:
        with Qmp(host, guest_name, timeout) as qmp:
            return qmp.execute("query-status")["status"]
    except QmpGone:
        return "gone"
    except QmpSilent:
        return "silent"


class Sample(NamedTuple):
    """Asked at `asked`, answered at `answered` (CLOCK_MONOTONIC): true at some time between."""
    asked: float
    answered: float
    host: str
    status: str


class QmpEvent(NamedTuple):
    time: float  # when QEMU says it happened, on the machine's monotonic clock
    host: str
    event: str
    data: dict


class Watch:
    """Asks one guest's QEMU on one host again and again, through its deaths and births."""

    def __init__(self, host, guest_name, interval):
        self.samples = []
        self.events = []
        self._host = host
        self._guest_name = guest_name
        self._interval = interval
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"qmp {host.name}", daemon=True)
        self._thread.start()

    def stop(self):
        self._stopping.set()
        self._thread.join()

    def _run(self):
        while not self._stopping.is_set():
            try:
                with Qmp(self._host, self._guest_name) as qmp:
                    self._watch(qmp)
            except QmpGone:
                self._note(time.monotonic(), "gone")
            except QmpSilent:
                self._note(time.monotonic(), "silent")
            self._stopping.wait(max(self._interval, 0.02))

    def _watch(self, qmp):
        while not self._stopping.is_set():
            asked = time.monotonic()
            status = qmp.execute("query-status")["status"]
            self._note(asked, status)
            self._take_events(qmp)
            self._stopping.wait(self._interval)

    def _note(self, asked, status):
        """Equal answers in a row are kept as the first and the last of them."""
        sample = Sample(asked, time.monotonic(), self._host.name, status)
        recent = self.samples[-2:]
        if len(recent) == 2 and recent[0].status == recent[1].status == status:
            self.samples[-1] = sample
        else:
            self.samples.append(sample)

    def _take_events(self, qmp):
        shift = time.clock_gettime(time.CLOCK_MONOTONIC) - time.clock_gettime(time.CLOCK_REALTIME)
        for event in qmp.events:
            stamp = event["timestamp"]
            when = stamp["seconds"] + stamp["microseconds"] * 1e-6 + shift
            self.events.append(QmpEvent(when, self._host.name, event["event"], event.get("data", {})))
        qmp.events.clear()
