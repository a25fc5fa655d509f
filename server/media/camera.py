"""What somebody sends of one kind, by layers: looked up once for all who receive it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from server.clock import Millis
from server.media import layers
from server.media.rtp import Codec
from server.media.stream import Stream

GUESSED_BPS = {"l": 150_000, "m": 500_000, "h": 1_700_000}
"""What a layer costs before it was measured."""
NONE_RESTS = len(layers.LAYERS)

Streams = Callable[[str, str], Sequence[Stream]]
"""The streams of (endpoint, "audio" | "video" | "screen") that may be forwarded."""


def layer_of(stream: Stream) -> str:
    """A stream without layers counts as the largest."""
    return stream.rid or "h"


class Camera:
    """The streams, smallest layer first; the rates of all layers, and of those that come (of all where none does).

    `rests` is the rank of the smallest layer that does not come: nobody received it, or its sender's line is too thin.
    """

    __slots__ = ("coming", "now", "rates", "rests", "streams")

    def __init__(self, streams: Sequence[Stream], now: Millis) -> None:
        self.now = now
        self.streams = streams if len(streams) < 2 else sorted(streams, key=lambda one: layers.rank(one.rid))
        self.rates = tuple(
            (layer_of(one), one.bits_per_second or GUESSED_BPS.get(one.rid, 800_000)) for one in self.streams
        )
        alive = [one.alive(now) for one in self.streams]
        self.coming = tuple(rate for rate, comes in zip(self.rates, alive, strict=True) if comes) or self.rates
        resting = [] if all(alive) or not any(alive) else [self.streams[alive.index(False)].rid]
        self.rests = layers.rank(resting[0]) if resting else NONE_RESTS

    def playable(self, codecs: Collection[Codec]) -> Camera:
        """As much of it as a receiver of these can show."""
        found = [one for one in self.streams if one.codec in codecs]
        return self if len(found) == len(self.streams) else Camera(found, self.now)

    def layer(self, name: str | None) -> Stream | None:
        """The stream of that layer, where there is one."""
        return next((one for one in self.streams if layer_of(one) == name), None)

    def above(self, lower: str | None, upper: str | None) -> list[Stream]:
        """The streams of layers larger than the lower one (None: than nothing), the upper one the largest."""
        if upper is None:
            return []
        least = layers.rank(lower) if lower is not None else -1
        return [one for one in self.streams if least < layers.rank(one.rid) <= layers.rank(upper)]


class Cameras:
    """All of them, as they are at one moment."""

    def __init__(self, streams: Streams, now: Millis) -> None:
        self.streams = streams
        self.now = now
        self.known: dict[tuple[str, str], Camera] = {}
        self.nothing = Camera((), now)

    def find(self, endpoint: str | None, kind: str) -> Camera:
        """What that endpoint sends; nothing for nobody."""
        if endpoint is None:
            return self.nothing
        found = self.known.get((endpoint, kind))
        if found is None:
            found = self.known[endpoint, kind] = Camera(self.streams(endpoint, kind), self.now)
        return found
