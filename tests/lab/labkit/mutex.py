"""A lock between processes that leaves nothing behind."""

import socket
import time
from contextlib import contextmanager

from .shell import LabError


@contextmanager
def held(name, timeout=120):
    """Hold the machine-wide lock `name`; an abstract socket vanishes with its holder."""
    with socket.socket(socket.AF_UNIX) as mutex:
        deadline = time.monotonic() + timeout
        while True:
            try:
                mutex.bind(f"\0{name}")
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    raise LabError(f"lock {name} is held by another process for {timeout} s") from error
                time.sleep(0.05)
        yield
