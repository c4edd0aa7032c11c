"""The same stories told with plain `virsh migrate`: what is left when libvirt is alone with the fault.

A failpoint of vmferry becomes the moment of libvirt's protocol at which it lies, met by a relay. virsh has no
recovery: what it leaves is what the admin finds.
"""

import time
from contextlib import ExitStack

from labkit.shell import LabError

from . import verify
from .ferry import Run
from .scene import Scene

END_LIMIT_S = 40     # libvirt's keepalive is 5 s and 5 times
REST_S = 2.0         # what a daemon still does by itself
WHOLE = ("runs at the source", "runs at the target")
_FLAGS = ("--live", "--persistent", "--undefinesource")
# Failpoint: which host's frame is on its way then.
_MOMENTS = {"effect.migrate.before": ("source", "begin3", "call"),
            "journal.COMMIT.before": ("target", "finish3", "reply"),
            "journal.COMMIT.after": ("target", "finish3", "reply"),
            "effect.release.after": ("source", "confirm3", "call")}


class VirshRun(Run):
    """virsh is one process."""

    def worker(self, limit=0.0):
        if self.ended():
            raise LabError(f"virsh has ended: {self.last_words()}")
        return self.guardian

    def wait(self, limit=END_LIMIT_S):
        try:
            return super().wait(min(limit, END_LIMIT_S))
        except LabError:
            raise LabError(f"virsh does not end within {END_LIMIT_S} s") from None


class _NoFerry:
    """Stands where a story expects vmferry; only what needs no vmferry works."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def configure(self, uris):
        pass

    def leftovers(self):
        return []

    def end_all(self):
        pass


class _FrameHold:
    def __init__(self, rule):
        self._rule = rule

    def release(self):
        self._rule.release()


class PlainScene(Scene):
    """A Scene whose moves are virsh's and whose judgements are only remembered."""

    def __init__(self, case, lab, guest, binary, directory, random):
        super().__init__(case, lab, guest, binary, directory, random)
        self.ferry = _NoFerry(directory)
        self._standing = ExitStack()
        self._run = None
        self.is_whole = False

    def __exit__(self, *words):
        if self._run is not None and not self._run.ended():
            self._run.kill()
        self._standing.close()
        super().__exit__(*words)

    def migrate(self, *words, points=()):
        if "--timeout" in words:  # virsh's own of that name does something else
            place = words.index("--timeout")
            words = words[:place] + words[place + 2:]
        unknown = set(words) - {"--p2p", "--switch", "wait"}
        if unknown:
            raise LabError(f"virsh has no {' '.join(unknown)}")
        for spec in points:
            self._kill_at(spec.partition("=")[0], words)
        return self._run or self._start(words)

    def held_at(self, point, **options):
        rule = self._rule(point, "hold")
        run = self.migrate(**options)
        rule.wait()
        self.mark(f"held where vmferry has {point}")
        return run, _FrameHold(rule)

    def _kill_at(self, point, words):
        rule = self._rule(point, "hold")
        run = self._start(words)
        rule.wait()
        self.mark(f"kill -9 of virsh where vmferry has {point}")
        run.kill()

    def _rule(self, point, action):
        if point not in _MOMENTS:
            raise LabError(f"nothing of libvirt's protocol is on its way at {point}")
        side, procedure, direction = _MOMENTS[point]
        relay = self._standing.enter_context(self.relayed(getattr(self, side)))
        return relay.rule(procedure, direction, action)

    def _start(self, words):
        flags = [*_FLAGS, *(word for word in words if word == "--p2p")]
        if self.case.guest.storage == "dir":
            flags.append("--unsafe")  # libvirt takes no plain directory for shared
        argv = ["virsh", "-q", "-c", self.uris[self.source.name], "migrate", *flags, self.guest.name,
                self.uris[self.target.name]]
        self._run = VirshRun(argv, {"PATH": "/usr/bin:/bin", "HOME": "/root", "LANG": "C.UTF-8"},
                             self.ferry.directory / "virsh", argv[4:])
        return self._run

    def settle(self, *_words, **_options):
        return self._run

    def settle_patiently(self):
        return self._run

    def check(self, good, text):
        return good

    def check_exit(self, run, *codes):
        pass

    def left(self):
        """What an admin finds, in words."""
        if self._run is not None:
            try:
                self._run.wait()
            except LabError as error:
                self.notes.append(str(error))
        time.sleep(REST_S)
        seen = {host: verify.qemu_status(self.observer, host, self.guest) for host in (self.source, self.target)}
        words = [_copies(seen[self.source], seen[self.target])]
        twice = [text for text in self.observer.problems(self.guest.name) if "at the same time" in text]
        if twice and not words[0].startswith("runs twice"):
            words.append("ran twice for a while")
        words += self._definitions()
        # A guest whose migration nobody has ended is none for the next story.
        self.is_whole = words[0] in WHOLE and len(words) == 1 and (self._run is None or self._run.ended())
        return ", ".join(words + self.notes)

    def _definitions(self):
        known = [host for host in (self.source, self.target)
                 if self.guest.name in host.virsh("list", "--all", "--name", "--persistent").split()]
        return ["defined twice"] if len(known) == 2 else ["defined nowhere"] if not known else []


def _copies(source, target):
    """Of both QEMUs' states."""
    there = {"source": source, "target": target}
    running = [side for side, status in there.items() if status == "running"]
    standing = [side for side, status in there.items() if status not in ("running", "gone")]
    if len(running) == 2:
        return "runs twice"
    if running:
        rest = f", a paused copy at the {standing[0]}" if standing else ""
        return f"runs at the {running[0]}{rest}"
    if len(standing) == 2:
        return "down: paused on both hosts"
    if standing:
        return f"down: paused at the {standing[0]}"
    return "down: off on both hosts"
