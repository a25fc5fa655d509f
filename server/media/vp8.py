"""The descriptor before a VP8 picture (RFC 7741 §4.2), made such that a slot may carry one stream after the other.

Browsers take a picture for a repetition when its number (PictureID) is that of one they still hold, and then show the
old sender's picture with the new one's changes in it: the numbers of all streams are kept apart. They also keep what
the old sender said of its temporal layers (TL0PICIDX), and drop pictures of the new one by it: as all layers are
forwarded to everybody, nothing is said of them any more.
"""

from __future__ import annotations

from itertools import count

from server.clock import Millis

NUMBERS = 0x8000
APART = 20_251
"""The golden ratio's share of all numbers: however many streams begin, no two of them begin close to each other."""
USUAL_RATE = 30
"""Pictures a second: streams that run as fast as this stay as far apart as they began, whenever they began."""

LAYERS = 0x70
"""The flags L, T and K: TL0PICIDX, the layer's number and KEYIDX follow."""

_streams = count(1)


class Descriptors:
    """Rewrites the descriptors of one stream; `place` is its place among all streams of the process."""

    __slots__ = ("offset", "place")

    def __init__(self, place: int | None = None) -> None:
        self.place = next(_streams) if place is None else place
        self.offset: int | None = None

    def rewrite(self, payload: bytes, arrival: Millis) -> bytes:
        """The payload with its picture's new number; unchanged where there is none of 15 bits."""
        if len(payload) < 4 or not (payload[0] & payload[1] & payload[2] & 0x80):
            return payload
        number = (payload[2] << 8 | payload[3]) & 0x7FFF
        if self.offset is None:
            self.offset = self.place * APART + arrival * USUAL_RATE // 1000 - number
        renumbered = (0x8000 | (number + self.offset) % NUMBERS).to_bytes(2)
        flags = payload[1]
        if not flags & LAYERS:
            return payload[:2] + renumbered + payload[4:]
        rest = 4 + bool(flags & 0x40) + bool(flags & 0x30)
        return bytes((payload[0], flags & ~LAYERS)) + renumbered + payload[rest:]
