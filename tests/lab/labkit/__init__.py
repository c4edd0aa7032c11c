"""The lab for Python tests: attach to it, run guests, observe them, do faults to it.

    from labkit import Guest, Lab, Observer, faults
    lab = Lab.attach()
    guest = Guest.create(lab, "g1", "iscsi", dirty_mib_s=4)
    with Observer(lab, [guest]) as observer:
        guest.start()
        observer.wait_beat(guest.name)
        ...
    assert not observer.problems(guest.name) and not observer.disk_problems(guest)
    guest.remove()
"""

from . import faults, inventory, snapshot
from .guest import Guest
from .host import Host
from .lab import Lab
from .observer import Observer
from .relay import Relay
from .shell import LabError

__all__ = ["Guest", "Host", "Lab", "LabError", "Observer", "Relay", "faults", "inventory", "snapshot"]
