"""What a story works with: a lab, a guest that lives, vmferry, and the means to judge."""

import signal
import time
from contextlib import contextmanager

from labkit.observer import Observer
from labkit.relay import Relay
from labkit.shell import LabError

from . import case as kinds
from . import verify
from .ferry import Ferry

# Slow enough that the memory of an idle guest needs seconds, and slower than it dirties it.
PRECOPY_MIB_S = 8
LIBVIRTD_PAUSE_S = 0.5
SETTLE_ATTEMPTS, SETTLE_PAUSE_S = 3, 2.0


class Scene:
    """One case at work. `problems` collects what was found wrong, `notes` what is worth a word."""

    def __init__(self, case, lab, guest, binary, directory, random):
        self.case = case
        self.lab = lab
        self.guest = guest
        self.random = random
        self.problems = []
        self.notes = []
        self.begin = time.monotonic()
        self.uris = {name: host.uri(case.uris) for name, host in lab.hosts.items()}
        self.ferry = Ferry(binary, directory, self.uris)
        self.observer = Observer(lab, [guest])
        self.before = None
        self._speed = None
        self._status = "paused" if case.guest.paused else "running"

    def __enter__(self):
        self.observer.__enter__()
        try:
            if self.case.slow:
                self._slow_down()
            self.rebase()
        except BaseException:
            self.observer.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.ferry.end_all()
        self.observer.__exit__()

    # -- where things are --

    @property
    def source(self):
        return self.before.source

    @property
    def target(self):
        return self.before.target

    def rebase(self):
        """Look anew: what is here now is what the next move is compared with."""
        places = list(self.guest.states())
        if len(places) != 1:
            raise LabError(f"{self.guest.name} is on {' and '.join(places) or 'no host'}")
        source = self.lab.host(places[0])
        target = next(host for name, host in self.lab.hosts.items() if name != source.name)
        self.wait_alive(source)
        self.before = verify.Before(self.lab, self.guest, source, target)
        self.begin = time.monotonic()

    def wait_alive(self, host):
        if self._status == "running":
            self.observer.wait_beat(self.guest.name, timeout=20, vantage=host.name)

    @contextmanager
    def relayed(self, host):
        """A relay in front of a host, for who reaches it from now on: its rules drop, hold or reset frames."""
        with Relay(self.lab, host) as relay:
            self._reach(host, relay.uri)
            try:
                yield relay
            finally:
                self._reach(host, host.uri(self.case.uris))

    def _reach(self, host, uri):
        self.uris[host.name] = uri
        self.ferry.configure(self.uris)

    # -- calls --

    def migrate(self, *words, **options):
        """Start `vmferry migrate` to the other host; returns the Run."""
        return self.ferry.start("migrate", self.guest.name, self.target.name, "-c", self.source.name, "--json",
                                *words, **options)

    def held_at(self, point, **options):
        """A move that stands at a failpoint: (run, hold)."""
        hold = self.ferry.hold(point)
        run = self.migrate(points=[hold, *options.pop("points", ())], **options)
        hold.wait(run)
        self.mark(f"held at {point}")
        return run, hold

    def settle(self, *words, **options):
        """`rollback --all-incomplete`, as the boot unit does it."""
        return self.ferry.run("rollback", "--all-incomplete", "--json", *words, **options)

    def settle_patiently(self):
        """Again and again, as cron would: a daemon may need its time to notice that a peer was lost."""
        for attempt in range(1, SETTLE_ATTEMPTS + 1):
            run = self.settle()
            if run.exit == 0:
                break
            time.sleep(SETTLE_PAUSE_S)
        self.notes.append(f"settled at attempt {attempt}")
        return run

    # -- moments --

    def mark(self, text):
        self.observer.mark(text)

    def _slow_down(self):
        """By libvirt's own speed limit, which belongs to the before image."""
        source = self.lab.host(next(iter(self.guest.states())))
        self._speed = source.virsh("migrate-getspeed", self.guest.name)
        source.virsh("migrate-setspeed", self.guest.name, str(PRECOPY_MIB_S))

    def full_speed(self):
        if self._speed is not None:
            self.lab.host(next(iter(self.guest.states()))).virsh("migrate-setspeed", self.guest.name, self._speed)
            self._speed = None

    def wait_precopy(self, run, limit=15.0):
        """Until the source's QEMU sends memory."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline and not run.ended():
            if any(event.event == "MIGRATION" and event.data.get("status") == "active"
                   and event.host == self.source.name and event.time >= run.begin
                   for event in self.observer.events(self.guest.name)):
                self.mark("pre-copy is active")
                return
            time.sleep(0.02)
        raise LabError(f"no memory is sent: {run.last_words()}")

    def hurry(self):
        """The fault has met pre-copy. A move that is to arrive goes on at full speed, and takes its limit along."""
        if self.case.expect.place == kinds.COMMITTED and self._speed is not None:
            self.source.virsh("migrate-setspeed", self.guest.name, self._speed, check=False)

    def slow_again(self):
        """After a restart of the source's daemon, which forgets the speed limit."""
        self.source.virsh("migrate-setspeed", self.guest.name, str(PRECOPY_MIB_S))

    def restart_libvirtd(self, host, number=signal.SIGKILL):
        """Ended, and back after a moment, as systemd would."""
        self.mark(f"{signal.Signals(number).name} to libvirtd on {host.name}")
        try:
            host.kill_libvirtd(number)
        except LabError:
            self.mark("it does not end by itself: kill -9, as systemd does in the end")
            host.kill_libvirtd()
        time.sleep(LIBVIRTD_PAUSE_S)
        host.start_libvirtd()
        self.mark(f"libvirtd runs again on {host.name}")

    # -- judgement --

    def check(self, good, text):
        if not good:
            self.problems.append(text)
        return good

    def check_exit(self, run, *codes):
        self.check(run.exit in codes, f"{run}, not {' or '.join(map(str, codes))}: {run.last_words()}")

    def judge(self, place):
        """Is the VM wholly there? Adds what is not to the problems; returns the place found."""
        if place in (kinds.DOUBT, kinds.KEPT):
            return self._judge_doubt(place)
        if place == kinds.OFF:
            return self._judge_off()
        if place == kinds.EITHER:
            place = self._place_found()
        host = self.source if place == kinds.BACK else self.target
        look = verify.back_problems if place == kinds.BACK else verify.committed_problems
        found = verify.until_good(lambda: verify.copies_problems(self.observer, self.guest, host, self._status))
        found += verify.until_good(lambda: look(self.lab, self.before))
        found += self.ferry.leftovers()
        if self._status == "running":
            found += verify.alive_problems(self.observer, self.guest, host, time.monotonic())
        self.problems += found
        return place

    def _judge_doubt(self, place):
        """One copy stands, complete; nobody runs."""
        self.nobody_runs()
        host = self.source if place == kinds.DOUBT else self.target
        standing = verify.qemu_status(self.observer, host, self.guest)
        self.check(standing in ("paused", "postmigrate"), f"QEMU on {host.name} is {standing}")
        self.problems += self.ferry.leftovers()
        return place

    def _judge_off(self):
        """No copy is left, the source knows the VM as before and the target nothing of it."""
        self.problems += verify.until_good(lambda: verify.off_problems(self.lab, self.before))
        self.problems += self.ferry.leftovers()
        return kinds.OFF

    def judge_history(self):
        """What only the whole record shows: counters, memory, disks."""
        if self._status == "running":
            time.sleep(0.1)  # a copy that still runs somewhere has had its time to speak
        place = self.lab.host(next(iter(self.guest.states()), self.source.name))
        self.problems += verify.guest_problems(self.observer, self.guest, place)

    def _place_found(self):
        running = [host.name for host in self.lab.hosts.values()
                   if not verify.copies_problems(self.observer, self.guest, host, self._status)]
        return kinds.COMMITTED if running == [self.target.name] else kinds.BACK

    def outage_s(self):
        """The longest silence since the story began, as the outside world felt it."""
        if self._status != "running" or self.case.expect.place in (kinds.DOUBT, kinds.KEPT, kinds.OFF):
            return None
        self.observer.wait_beat(self.guest.name)
        self.observer.wait_beat(self.guest.name)
        return self.observer.max_gap(self.guest.name, since=self.begin)

    def move(self, *words, **options):
        """A whole move that must succeed, judged; the next one starts from there."""
        run = self.migrate(*words, **options).wait()
        self.check_exit(run, 0)
        self.judge(kinds.COMMITTED if run.exit == 0 else kinds.EITHER)
        self.rebase()
        return run

    def nobody_runs(self):
        """No QEMU of the guest executes anything, on no host that is up."""
        for host in self.lab.hosts.values():
            found = verify.qemu_status(self.observer, host, self.guest)
            self.check(found != "running", f"QEMU runs on {host.name}, and nobody should have started it")
