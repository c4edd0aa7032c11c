"""The samples of a run, one JSON line each as soon as it is measured, so that a stopped run goes on where it was."""

import hashlib
import json
from pathlib import Path


class Samples:
    """They hold for one binary and one set of settings: another one begins anew."""

    def __init__(self, directory, binary, settings):
        key = hashlib.sha256(Path(binary).read_bytes() + json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]
        directory.mkdir(parents=True, exist_ok=True)
        self._file = directory / f"samples-{key}.ndjson"
        text = self._file.read_text() if self._file.exists() else ""
        whole = text[:text.rfind("\n") + 1]  # a killed run may leave half a line
        self._samples = [json.loads(line) for line in whole.splitlines()]

    def add(self, sample):
        self._samples.append(sample)
        with self._file.open("a") as file:
            file.write(json.dumps(sample) + "\n")

    def of(self, load):
        return [sample for sample in self._samples if sample["load"] == load]

    def missing(self, load, tools, moves):
        """[(round, tool)] in the order in which they are to be measured. Each round begins with another tool, so that
        a slow moment and the direction of a move hit all alike."""
        have = {(sample["round"], sample["tool"]) for sample in self.of(load)}
        wanted = [(number, tools[(number + place) % len(tools)])
                  for number in range(1, moves + 1) for place in range(len(tools))]
        return [one for one in wanted if one not in have]
