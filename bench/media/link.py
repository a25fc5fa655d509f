"""A bad line that is the same every time: what is lost, late, doubled or overtaken follows from a seed. Pure."""

from __future__ import annotations

import random
from typing import NamedTuple

QUEUE_LIMIT_MS = 300.0
"""What a narrow line keeps before it drops, as a home router does."""
OVERTAKEN_MS = 25.0


class Line(NamedTuple):
    """How bad one direction is.

    `loss`, `reorder` and `duplicate` are shares of the datagrams; every `burst_every_ms` all is lost for `burst_ms`;
    `bits_per_second` 0 is no limit; the delay is `delay_ms` give or take `jitter_ms`.
    """

    loss: float = 0.0
    burst_ms: float = 0.0
    burst_every_ms: float = 0.0
    reorder: float = 0.0
    duplicate: float = 0.0
    bits_per_second: int = 0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0


CLEAR = Line()


class Link:
    """One direction of one line. Times are milliseconds of any steady clock."""

    def __init__(self, line: Line, seed: int) -> None:
        self.line = line
        self.chance = random.Random(seed)
        self.began: float | None = None
        self.free_at = 0.0
        self.last = 0.0

    def carry(self, at: float, size: int) -> list[float]:
        """When a datagram of `size` octets that leaves at `at` arrives: never, once or twice."""
        line, chance = self.line, self.chance
        if self.began is None:
            self.began = at
        # The same number of draws for each datagram: what happens to one does not depend on the others' sizes.
        lost, overtaken, doubled, shift = (chance.random() for _ in range(4))
        arrives = self._through(at, size)
        if lost < line.loss or self._in_burst(at) or arrives is None:
            return []
        arrives += line.delay_ms + (2 * shift - 1) * line.jitter_ms
        if overtaken < line.reorder:
            return [arrives + OVERTAKEN_MS]
        # A line keeps the order even where its delay varies.
        self.last = arrives = max(arrives, self.last)
        return [arrives, arrives + 1.0] if doubled < line.duplicate else [arrives]

    def _in_burst(self, at: float) -> bool:
        line = self.line
        return bool(line.burst_ms) and (at - (self.began or 0.0)) % line.burst_every_ms >= (
            line.burst_every_ms - line.burst_ms
        )

    def _through(self, at: float, size: int) -> float | None:
        """When the last bit has passed the narrow place; None when its queue is full."""
        if not self.line.bits_per_second:
            return at
        starts = max(at, self.free_at)
        if starts - at > QUEUE_LIMIT_MS:
            return None
        self.free_at = starts + size * 8000 / self.line.bits_per_second
        return self.free_at
