"""In what a conference's pictures are coded: VP8, and H264 while somebody is there who takes nothing else. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from server.clock import Millis
from server.media.rtp import Codec

PICTURES = frozenset((Codec.VP8, Codec.H264))
CALM_MS = 60_000
"""H264 stays for so long after the last who needed it: a decoder that comes back shall not cost two key frames each."""
DARK_MS = 3_000
"""A sender needs a moment to change. Only what lasts longer is said to whoever sees nothing."""


def alone(lines: Iterable[Collection[Codec]]) -> Codec | None:
    """The only coding of pictures that a receiver with such lines takes; None where it takes both, or no pictures."""
    pictures = [taken for line in lines if (taken := PICTURES.intersection(line))]
    both = frozenset.intersection(*pictures) if pictures else frozenset()
    return next(iter(both)) if len(both) == 1 else None


class Coding:
    """What all senders of a conference should code their pictures in.

    For all of them, not only those whom such a member happens to see: a change costs a key frame, and whoever is given
    the floor would change at the very moment when everybody looks.
    """

    def __init__(self) -> None:
        self.codec = Codec.VP8
        self.needed_at: Millis = 0

    def weigh(self, needs: Collection[Codec], now: Millis) -> Codec:
        """What it should be now; `needs` are the codings that somebody takes alone.

        Where some take only this and others only that it is VP8: nobody who sees shall lose the picture by a newcomer.
        """
        if Codec.VP8 in needs:
            self.codec = Codec.VP8
        elif Codec.H264 in needs:
            self.codec, self.needed_at = Codec.H264, now
        elif now - self.needed_at > CALM_MS:
            self.codec = Codec.VP8
        return self.codec


class Dark:
    """The slots of one receiver whose picture comes in no coding that it takes, once that has lasted."""

    def __init__(self) -> None:
        self.since: dict[int, Millis] = {}

    def look(self, unreadable: Iterable[int], now: Millis) -> tuple[int, ...]:
        """Of these slots, those that have long been so."""
        self.since = {slot: self.since.get(slot, now) for slot in unreadable}
        return tuple(slot for slot, at in self.since.items() if now - at >= DARK_MS)
