"""Processes, known by pid and start time, so that a reused pid is never hit."""

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process of a node: `pid` as the machine sees it, `inner_pid` as the node does."""
    pid: int
    inner_pid: int
    command: str
    arguments: list


def start_time(pid):
    """Start time in ticks since boot, or None when the process is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def is_alive(pid):
    return start_time(pid) is not None


def wait_gone(pids, timeout=10):
    """Wait until all are gone; returns those that are not."""
    deadline = time.monotonic() + timeout
    left = [pid for pid in pids if is_alive(pid)]
    while left and time.monotonic() < deadline:
        time.sleep(0.005)
        left = [pid for pid in left if is_alive(pid)]
    return left


class PidRecord:
    """A file that holds "PID START-TIME" of a process we started."""

    def __init__(self, path):
        self.path = Path(path)

    def write(self, pid):
        draft = self.path.with_suffix(".new")
        draft.write_text(f"{pid} {start_time(pid)}\n")
        draft.rename(self.path)

    def pid(self):
        """The recorded pid while that very process lives, else None."""
        try:
            pid, started = self.path.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if start_time(int(pid)) == int(started) else None

    def kill(self, timeout=10):
        """End the recorded process and wait for it. True when nothing is left of it."""
        pid = self.pid()
        if pid is not None:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            if wait_gone([pid], timeout):
                return False
        self.path.unlink(missing_ok=True)
        return True


def in_pid_namespace(of_pid):
    """Every process of the pid namespace `of_pid` lives in."""
    wanted = os.readlink(f"/proc/{of_pid}/ns/pid")
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            if os.readlink(f"/proc/{entry}/ns/pid") != wanted or not is_alive(int(entry)):
                continue
            status = Path(f"/proc/{entry}/status").read_text()
            raw = Path(f"/proc/{entry}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        arguments = [word.decode(errors="replace") for word in raw.split(b"\0")[:-1]]
        found.append(Process(int(entry), int(fields["NSpid"].split()[-1]), fields["Name"], arguments))
    return found
