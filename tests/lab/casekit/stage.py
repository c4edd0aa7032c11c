"""The lab and the guest that cases share, one after the other; made anew after a failed case."""

import time
from contextlib import contextmanager

from labkit.guest import Guest
from labkit.lab import Lab
from labkit.observer import Observer
from labkit.shell import LabError

from .case import DOUBT, KEPT, OFF

START_LIMIT_S = 120
LOCKS = "locks"  # the profile "plain" with libvirt's lock manager


class Stage:
    """Owns one lab by name. Whatever happens, close() leaves nothing of it."""

    def __init__(self, name, hosts=2):
        self.name = name
        self._hosts = hosts
        self._profile = None
        self._storages = []
        self._guest = None
        self._kind = None
        self._number = 0

    def _lab(self, profile, storages):
        """The lab, up, with that profile and at least that storage: each costs time to start."""
        if self._profile != profile:
            self.close()
        missing = [storage for storage in storages if storage not in self._storages]
        if self._profile is None or missing:
            lab = Lab(self.name)
            lab.up(self._hosts, "plain" if profile == LOCKS else profile, [*self._storages, *missing])
            if profile == LOCKS and self._profile is None:
                for host in lab.hosts.values():
                    host.use_lock_manager()
            self._profile = profile
            self._storages += missing
        return Lab.attach(self.name)

    @contextmanager
    def guest(self, case):
        """A guest of the case's kind that is alive; spoiled when the block says so or raises."""
        lab = self._lab(case.profile, case.guest.storages)
        if self._guest is None or self._kind != case.guest:
            self.drop_guest()
            self._start_guest(lab, case.guest)
        spoiled = case.fresh or case.guest.paused or case.expect.place in (DOUBT, KEPT, OFF)
        try:
            yield lab, self._guest
        except BaseException:
            spoiled = True
            raise
        finally:
            if spoiled:
                self.drop_guest()

    def _start_guest(self, lab, kind):
        self._number += 1
        count = 1 if isinstance(kind.disk_format, str) else len(kind.disk_format)
        storages = kind.storages * count if isinstance(kind.storage, str) else kind.storages
        guest = Guest.create(lab, f"vm{self._number}", storages, "kvm1", memory_mib=kind.memory_mib,
                             disk_format=kind.disk_format, dirty_mib_s=kind.dirty_mib_s,
                             working_set_mib=kind.working_set_mib, uefi=kind.uefi)
        self._guest, self._kind = guest, kind
        with Observer(lab) as observer:
            guest.start(transient=kind.transient, autostart=kind.autostart)
            try:
                observer.wait_beat(guest.name, START_LIMIT_S)
                guest.command("stat", START_LIMIT_S)
            except LabError as error:
                raise LabError(f"{error}; its console ends: {_console(lab, guest)}") from error
        time.sleep(0.3)  # some writes and some dirty memory before anything is judged
        if kind.paused:
            lab.host("kvm1").virsh("suspend", guest.name)

    def drop_guest(self):
        """The next case gets a new one."""
        guest, self._guest, self._kind = self._guest, None, None
        if guest is None:
            return
        try:
            guest.remove()
        except LabError:
            self.close()

    def spoil(self):
        """After a failed case nothing of this lab is trusted any more."""
        self._guest = self._kind = None
        self.close()

    def close(self):
        self._guest = self._kind = self._profile = None
        self._storages = []
        Lab(self.name).down()


def _console(lab, guest):
    log = lab.host("kvm1").work / f"log/qemu/{guest.name}-serial.log"
    return log.read_text(errors="replace")[-500:] if log.exists() else "no console"
