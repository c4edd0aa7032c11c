"""Results of cases, kept so that a stopped run goes on where it was.

They hold for one commit, one binary and one version of these tests: the folder's name has all three.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import NamedTuple

from labkit.shell import run

from .ferry import module_of

LAB = Path(__file__).resolve().parent.parent


class Result(NamedTuple):
    name: str
    verdict: str          # "passed", "failed", "skipped"
    seconds: float
    remark: str           # one line for people
    problems: list


class Results:
    def __init__(self, directory, binary):
        self.directory = Path(directory) / _key(binary)
        self.directory.mkdir(parents=True, exist_ok=True)

    def _file(self, name):
        return self.directory / (re.sub(r"[^\w.,=-]+", "-", name) + ".json")

    def kept(self, name):
        """The kept result of a case, or None."""
        try:
            return Result(**json.loads(self._file(name).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def passed_before(self, name):
        """The kept result of a case that passed, or None."""
        result = self.kept(name)
        return result if result and result.verdict == "passed" else None

    def keep(self, result):
        file = self._file(result.name)
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(result._asdict(), indent=1) + "\n")
        draft.rename(file)

    def seed(self, wanted, chosen):
        """The seed of a run that goes on is the one it began with, unless another is wanted."""
        file = self.directory / "seed"
        if wanted is None and file.exists():
            return int(file.read_text())
        seed = chosen if wanted is None else wanted
        file.write_text(f"{seed}\n")
        return seed


def _key(binary):
    commit = run(["git", "-C", LAB, "rev-parse", "--short=12", "HEAD"], check=False).stdout.strip() or "none"
    digest = hashlib.sha256()
    for path in sorted(LAB.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    own = hashlib.sha256()
    for part in filter(None, (Path(binary), module_of(binary))):
        own.update(part.read_bytes())
    return f"{commit}-{own.hexdigest()[:12]}-{digest.hexdigest()[:8]}"
