"""Medians and their ratio, with an interval that needs no assumption about how times are spread."""

import random
from typing import NamedTuple

RESAMPLES = 10_000
CONFIDENCE = 0.90


class Ratio(NamedTuple):
    value: float
    low: float
    high: float


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def of_medians(ours, peers, seed=1):
    """median(ours) / median(peers) with its bootstrap interval."""
    chance = random.Random(seed)
    found = sorted(median(chance.choices(ours, k=len(ours))) / median(chance.choices(peers, k=len(peers)))
                   for _ in range(RESAMPLES))
    cut = int(RESAMPLES * (1 - CONFIDENCE) / 2)
    return Ratio(median(ours) / median(peers), found[cut], found[-1 - cut])
