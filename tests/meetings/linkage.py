"""An attacker who would tie the choices of a secret ballot to those who voted, and what chance alone would find."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence


def by_chance(choices: Sequence[str]) -> tuple[float, float]:
    """How many of these are guessed by dealing out the known result at random: the mean, and the variance."""
    count = len(choices)
    mean = sum(n * n for n in Counter(choices).values()) / count
    return mean, mean * (1 - mean / count)


def hits(order: Sequence[str], voters: Sequence[str], cast: dict[str, str]) -> int:
    """How many voters are found when the choices are dealt out in this order."""
    return sum(cast[voter] == choice for voter, choice in zip(voters, order, strict=True))


class Guesses:
    """What each way of guessing found over all ballots, beside what chance finds."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()
        self.mean, self.variance = 0.0, 0.0

    def add(self, orders: dict[str, list[str]], voters: list[str], cast: dict[str, str]) -> None:
        self.found.update({way: hits(order, voters, cast) for way, order in orders.items()})
        mean, variance = by_chance([cast[voter] for voter in voters])
        self.mean, self.variance = self.mean + mean, self.variance + variance

    @property
    def no_better_than_chance(self) -> float:
        """Six standard deviations above the mean: once in a thousand million runs by accident."""
        return self.mean + 6 * math.sqrt(self.variance)
