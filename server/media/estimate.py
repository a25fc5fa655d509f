"""How much one receiver can take, from its transport-wide reports: lower at once, raise by trying."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from server.clock import Millis

START_BPS = 4_000_000
FLOOR_BPS = 60_000
CEILING_BPS = 60_000_000
REMEMBERED = 2048
"""Bursts remembered as sent, about a second of the largest wall."""
LOSS_LIMIT = 0.08
QUEUE_LIMIT_MS = 120.0
GROWTH_A_SECOND = 1.10
PATIENCE_MS = 4_000
PATIENCE_LIMIT_MS = 60_000
BASE_LIFE_MS = 15_000


class Departures:
    """The transport-wide numbering of one receiver, and when what left. `wide` is the newest number."""

    __slots__ = ("bursts", "forgotten", "note", "wide")

    def __init__(self) -> None:
        self.wide = 0
        self.bursts: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)
        self.note = self.bursts.append
        """Note (the last number, the time in µs) of a burst."""
        self.forgotten: int | None = None

    def when(self, number: int) -> int | None:
        """The time at which this number left; None when it is forgotten. Asked in order: older ones are forgotten."""
        bursts = self.bursts
        if self.forgotten is not None and (self.forgotten - number) & 0xFFFF < REMEMBERED:
            return None
        while bursts and (bursts[0][0] - number) & 0x8000:
            self.forgotten = bursts.popleft()[0]
        return bursts[0][1] if bursts else None


class Estimator:
    """The budget of one receiver in bits a second.

    Loss over 8 % or a queue of more than 120 ms on the way lowers the budget to 85 % of what arrived. Going up is
    try-and-fall-back: the budget grows after a pause, and every failed try doubles the pause, up to a minute.
    """

    def __init__(self, now: Millis) -> None:
        self.budget = START_BPS
        self.loss = 0.0
        self.queue_ms = 0.0
        self.received_bps = 0
        self.departures = Departures()
        self._arrived = self._lost = 0
        self._delays: list[float] = []
        self._base: tuple[float, Millis] | None = None
        self._assessed_at = self._lowered_at = now
        self._patience = PATIENCE_MS

    def reported(self, arrived: int, lost: int, arrivals: Iterable[tuple[int, int]]) -> None:
        """Take in one report: how many arrived and were lost, and (number, the receiver's µs) of some arrivals."""
        self._lost += lost
        self._arrived += arrived
        for number, at in arrivals:
            left = self.departures.when(number)
            if left is not None:
                self._delays.append((at - left) / 1000)

    def believed(self, bitrate: int) -> None:
        """A REMB: it only ever follows the received rate, so it may only lower the budget."""
        self.budget = max(FLOOR_BPS, min(self.budget, bitrate))

    def assess(self, now: Millis, size: int) -> bool:
        """Weigh what was reported since the last time (call about every 500 ms); true when the way is congested.

        `size` is the average of the packets sent: reports only count them.
        """
        elapsed = max(now - self._assessed_at, 1)
        self._assessed_at = now
        total = self._arrived + self._lost
        if not total:
            return False
        self.loss = self._lost / total
        self.received_bps = self._arrived * size * 8000 // elapsed
        self.queue_ms = self._queue(now)
        self._arrived = self._lost = 0
        self._delays.clear()
        if self.loss > LOSS_LIMIT or self.queue_ms > QUEUE_LIMIT_MS:
            self._lower(now)
            return True
        self._raise(now, elapsed)
        return False

    def _queue(self, now: Millis) -> float:
        """Delay over the shortest one lately, in ms: clocks differ by a constant that cancels out."""
        if not self._delays:
            return self.queue_ms
        shortest = min(self._delays)
        base = self._base
        if base is None or shortest < base[0] or now - base[1] > BASE_LIFE_MS or shortest - base[0] > 10_000:
            base = self._base = (shortest, now)
        return sum(self._delays) / len(self._delays) - base[0]

    def _lower(self, now: Millis) -> None:
        if now - self._lowered_at > 1_000:
            self._patience = min(self._patience * 2, PATIENCE_LIMIT_MS)
        self._lowered_at = now
        self.budget = max(FLOOR_BPS, min(self.budget, int(self.received_bps * 0.85)))

    def _raise(self, now: Millis, elapsed: Millis) -> None:
        calm = now - self._lowered_at
        if calm > PATIENCE_LIMIT_MS:
            self._patience = PATIENCE_MS
        if calm > self._patience:
            self.budget = min(CEILING_BPS, int(self.budget * (1 + (GROWTH_A_SECOND - 1) * elapsed / 1000)))
