"""What a case is. The tables in ../cases are lists of these."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

# Where the VM must be at the end of a story.
BACK = "back"            # equal to the before image, at the source
COMMITTED = "committed"  # at the target, the source clean
EITHER = "either"        # one of the two, wholly: the moment decides
DOUBT = "doubt"          # undecidable: nothing is started, nothing destroyed
OFF = "off"              # at the source as before, but not running: the guest or a human ended it, or memory is lost
KEPT = "kept"            # undecidable: the target's copy, which never ran, is kept; it is all there is
TOLD = "told"            # the story itself has judged each of its moves


@dataclass(frozen=True)
class GuestKind:
    """The VM of a case. Cases of equal kinds share one guest, one after the other."""
    storage: str | tuple = "iscsi"  # of each disk, when it is not the same
    dirty_mib_s: float = 4
    working_set_mib: int = 16
    memory_mib: int = 192
    disk_format: str | tuple = "raw"  # of each disk, when there are several
    transient: bool = False
    autostart: bool = False
    paused: bool = False
    uefi: bool = False

    @property
    def storages(self):
        return (self.storage,) if isinstance(self.storage, str) else self.storage

    def __str__(self):
        words = ["+".join(self.storages)] + [word for word in ("transient", "autostart", "paused", "uefi")
                                  if getattr(self, word)]
        return ",".join(words)


@dataclass(frozen=True)
class Expect:
    """What must hold after the story, beside the invariants that always hold."""
    place: str
    exits: tuple = ()               # exit codes the story's call may have; empty: any
    outage_s: float | None = None   # the longest silence of the guest; None: reported only


LOADED = GuestKind()


@dataclass(frozen=True)
class Case:
    """`story(scene)` returns the vmferry run whose exit code counts, or None."""
    name: str
    story: Callable
    expect: Expect
    guest: GuestKind = LOADED
    uris: str = "tcp"           # how vmferry reaches the hosts
    core: bool = False          # part of `tests/run`
    profile: str = "plain"      # of the lab
    again: bool = True          # then migrate again, without a fault
    slow: bool = False          # pre-copy is slowed down, so that a fault meets it
    fresh: bool = False         # the guest is of no use afterwards
    plain: str = ""             # what the same story is called when plain `virsh migrate` is told it; "": it is not


def load_all(package):
    """The CASES of every module of a package, in order of the modules' names; names are unique."""
    cases = []
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        cases += importlib.import_module(f"{package.__name__}.{module.name}").CASES
    names = [case.name for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"cases of the same name: {', '.join(sorted(twice))}")
    return cases
