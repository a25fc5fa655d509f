"""How fast a line without pictures is: a few packets of padding at once, and how far apart they arrive. Pure."""

from __future__ import annotations

from collections.abc import Iterable

PACKETS = 4
"""At 150 kbit/s, where pictures end, sound waits 40 ms for these."""
TICK_US = 250
"""The unit of reports (transport-wide feedback): two arrivals may look as if they were at one time."""


class Probe:
    """The packets of one try and what was reported of them; a new try takes the place of the one before."""

    __slots__ = ("arrivals", "octets", "wanted")

    def __init__(self) -> None:
        self.wanted: frozenset[int] = frozenset()
        self.octets = 0
        self.arrivals: dict[int, int] = {}

    def left(self, numbers: Iterable[int], octets: int) -> None:
        """Packets with these transport-wide numbers have left together, each of so many octets."""
        self.wanted, self.octets, self.arrivals = frozenset(numbers), octets, {}

    def reported(self, report: Iterable[tuple[int, int | None]]) -> int | None:
        """Take in (number, the receiver's µs or None when lost): the line's bits a second once all have arrived."""
        self.arrivals.update((number, at) for number, at in report if at is not None and number in self.wanted)
        if not self.wanted or len(self.arrivals) < len(self.wanted):
            return None
        took = max(self.arrivals.values()) - min(self.arrivals.values())
        bits = (len(self.wanted) - 1) * self.octets * 8
        self.wanted = frozenset()
        return bits * 1_000_000 // max(took, TICK_US)
