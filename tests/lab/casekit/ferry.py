"""vmferry as a process under test: start it, hold it at a failpoint, kill it, read its answer."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from labkit.processes import is_alive, wait_gone
from labkit.shell import LabError

CALL_LIMIT_S = 90


def default_binary(root):
    """$VMFERRY, or what tests/run builds."""
    return Path(os.environ.get("VMFERRY") or root / "build/check/cli/vmferry")


def module_of(binary):
    """The part that speaks to libvirt, which the binary loads at run time."""
    return next(Path(binary).parent.parent.glob("lib/**/vmferry-libvirt.so"), None)


class Hold:
    """A failpoint at which vmferry stops until it is released."""

    def __init__(self, point, file):
        self.spec = f"{point}=pause:{file}"
        self._point = point
        self._file = Path(file)
        self._reached = Path(f"{file}.reached")

    def wait(self, run, limit=30.0):
        """Until vmferry stands there."""
        deadline = time.monotonic() + limit
        while not self._reached.exists():
            if run.ended() or time.monotonic() > deadline:
                raise LabError(f"vmferry never came to {self._point}: {run.last_words()}")
            time.sleep(0.002)

    def release(self):
        self._file.touch()


class Run:
    """One vmferry process (the guardian) and its child (the worker)."""

    def __init__(self, argv, environment, output, words):
        self.words = words
        self._out, self._err = output.with_suffix(".out"), output.with_suffix(".err")
        self.begin = time.monotonic()
        self.seconds = None
        with open(self._out, "wb") as out, open(self._err, "wb") as err:
            # A session of its own: signals to "the terminal's group" reach nobody else.
            self._process = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL,
                                             stdout=out, stderr=err, start_new_session=True)

    @property
    def guardian(self):
        return self._process.pid

    def worker(self, limit=5.0):
        """The pid of the guardian's child."""
        path = Path(f"/proc/{self.guardian}/task/{self.guardian}/children")
        deadline = time.monotonic() + limit
        while not self.ended() and time.monotonic() < deadline:
            try:
                children = [int(word) for word in path.read_text().split() if is_alive(int(word))]
            except (FileNotFoundError, ProcessLookupError):
                break
            if children:
                return children[0]
            time.sleep(0.001)
        raise LabError(f"no worker: {self.last_words()}")

    def ended(self):
        if self.seconds is None and self._process.poll() is not None:
            self.seconds = time.monotonic() - self.begin
        return self.seconds is not None

    def wait(self, limit=CALL_LIMIT_S):
        """Its end; a vmferry that does not come to one is ended, which is a finding."""
        deadline = time.monotonic() + limit
        while not self.ended():
            if time.monotonic() > deadline:
                self.kill()
                raise LabError(f"'{' '.join(self.words)}' did not end within {limit} s: {self.last_words()}")
            time.sleep(0.005)
        return self

    def signal(self, number):
        os.kill(self.guardian, number)

    def signal_group(self, number):
        """As a terminal does on Ctrl-C."""
        os.killpg(self.guardian, number)

    def kill_worker(self):
        os.kill(self.worker(), signal.SIGKILL)

    def kill(self):
        """Guardian and worker, the guardian first: nobody recovers."""
        try:
            pids = [self.guardian, self.worker(0.05)]
        except LabError:
            pids = [self.guardian]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self._process.wait()
        wait_gone(pids)
        self.ended()

    @property
    def exit(self):
        return self._process.returncode

    @property
    def answer(self):
        """The JSON result, or {} when there is none."""
        try:
            return json.loads(self._out.read_text())
        except ValueError:
            return {}

    def text(self):
        """All that was printed: progress and errors, then the result."""
        return self._err.read_text(errors="replace") + self._out.read_text(errors="replace")

    def last_words(self):
        return f"exit {self.exit}: {self.text().strip()[-600:]}"

    def __str__(self):
        return f"{self.words[0]} exit {self.exit}"


class Ferry:
    """The binary with a configuration, a journal and a temporary directory of its own."""

    def __init__(self, binary, directory, uris):
        self._binary = str(binary)
        self.directory = Path(directory)
        self.temporary = self.directory / "tmp"
        self.temporary.mkdir(parents=True)
        self.journal = self.directory / "journal" / "journal.db"
        self.point_log = self.directory / "points"
        self._config = self.directory / "vmferry.toml"
        self._calls = 0
        self.runs = []
        self.configure(uris)

    def configure(self, uris):
        """Labels and URIs of the hosts; locks where nobody else's are."""
        hosts = "".join(f'[host.{label}]\nuri = "{uri}"\n' for label, uri in uris.items())
        self._config.write_text(f'schema = 1\n[journal]\nlock_dir = "{self.directory}/locks"\n{hosts}')

    def add_hook(self, name, body):
        """An executable that is called around each move from now on; `body` is shell."""
        directory = self.directory / "hooks.d"
        if not directory.exists():
            directory.mkdir(mode=0o755)
            with self._config.open("a") as config:
                config.write(f'[hooks]\ndir = "{directory}"\ntimeout = "10s"\n')
        hook = directory / name
        hook.write_text(f"#!/bin/sh\n{body}\n")
        hook.chmod(0o755)

    def start(self, *words, points=(), wrapper=(), **environment):
        """`points`: Holds or texts "NAME=ACTION"; `wrapper`: a command in front of the binary."""
        self._calls += 1
        output = self.directory / f"{self._calls:02}-{words[0].lstrip('-')}"
        specs = [point.spec if isinstance(point, Hold) else point for point in points]
        everything = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
                      "VMFERRY_CONFIG": str(self._config), "VMFERRY_JOURNAL": str(self.journal),
                      "VMFERRY_FAILPOINT_LOG": str(self.point_log),
                      "VMFERRY_FAILPOINTS": ";".join(specs),
                      "TMPDIR": str(self.temporary), "XDG_RUNTIME_DIR": str(self.temporary), **environment}
        run = Run([*map(str, wrapper), self._binary, *map(str, words)], everything, output, words)
        self.runs.append(run)
        return run

    def run(self, *words, limit=CALL_LIMIT_S, **options):
        return self.start(*words, **options).wait(limit)

    def hold(self, point):
        return Hold(point, self.directory / f"hold-{point.replace(':', '_')}")

    def passed_points(self):
        """Names of the failpoints that were passed, in order, as (role, name)."""
        if not self.point_log.exists():
            return []
        return [tuple(line.split(" ", 1)) for line in self.point_log.read_text().splitlines()]

    def processes(self):
        """Pids of processes that carry our journal in their environment: ours, and what they started."""
        mark = f"VMFERRY_JOURNAL={self.journal}".encode()
        found = []
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and mark in Path("/proc", entry, "environ").read_bytes().split(b"\0"):
                    found.append(int(entry))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return [pid for pid in found if is_alive(pid)]

    def leftovers(self):
        """Processes and files of ours that should not be there between two calls."""
        found = [f"vmferry process {pid}" for pid in self.processes()]
        return found + [f"{path.name} in the temporary directory" for path in self.temporary.iterdir()]

    def end_all(self):
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
