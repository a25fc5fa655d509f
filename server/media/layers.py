"""Which simulcast layer each slot of a receiver gets: audio first, then the speaker, then the rest."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from server.clock import Millis

LAYERS = ("l", "m", "h")
"""A quarter, a half and the whole of the picture's width."""
VOICE_RESERVE_BPS = 60_000
"""What is kept free for each voice that is heard."""
HEADROOM = 1.15
DWELL_MS = 2_000


class Wish(msgspec.Struct, frozen=True):
    """One slot's wishes: `rates` are the layers that arrive now with their bits a second, smallest first.

    `cap` is the largest layer that the slot's size deserves, `present` the one it gets now, `since` since when.
    """

    rates: tuple[tuple[str, int], ...]
    cap: str
    present: str | None = None
    since: Millis = 0


def rank(layer: str) -> int:
    """The order of a layer; a stream without layers ranks highest."""
    return LAYERS.index(layer) if layer in LAYERS else len(LAYERS) - 1


def allocate(budget: int, wishes: Sequence[Wish], now: Millis, voices: int = 3) -> list[str | None]:
    """The layer of each slot, most important slot first; None switches the picture off before sound suffers.

    `voices` are heard at the same time, and come first.

    Everybody gets the smallest layer before anybody gets more. Going up needs 15 % of headroom and two seconds
    on the present layer, so that a budget on the edge does not flutter; going down happens at once.
    """
    left = budget - voices * VOICE_RESERVE_BPS
    chosen: list[str | None] = []
    for wish in wishes:
        smallest = wish.rates[0] if wish.rates else None
        if smallest is not None and smallest[1] <= left:
            chosen.append(smallest[0])
            left -= smallest[1]
        else:
            chosen.append(None)
    for index, wish in enumerate(wishes):
        if chosen[index] is not None:
            layer, cost = _best(wish, left, now)
            chosen[index] = layer
            left -= cost
    return chosen


def _best(wish: Wish, left: int, now: Millis) -> tuple[str, int]:
    """The best layer that fits, and what it costs over the smallest one, already paid for."""
    smallest, paid = wish.rates[0]
    best, cost = smallest, 0
    for layer, rate in wish.rates[1:]:
        if rank(layer) > rank(wish.cap):
            break
        extra = rate - paid
        if extra <= left and (_kept(wish, layer) or _may_rise(wish, extra, left, now)):
            best, cost = layer, extra
    return best, cost


def _kept(wish: Wish, layer: str) -> bool:
    return wish.present is not None and rank(layer) <= rank(wish.present)


def _may_rise(wish: Wish, extra: int, left: int, now: Millis) -> bool:
    if wish.present is None:
        return extra * HEADROOM <= left
    return now - wish.since >= DWELL_MS and extra * HEADROOM <= left


def size_cap(slot: int, slots: int) -> str:
    """The largest layer worth sending into a slot: the stage in full, thumbnails small."""
    if slot == 0:
        return "h"
    return "m" if slots <= 4 else "l"


def wanted_layers(received: Sequence[str], present: Sequence[str]) -> dict[str, bool]:
    """Which of the `present` layers anybody receives; the smallest stays on, so that joining is quick."""
    if not present:
        return {}
    smallest = min(present, key=rank)
    return {layer: layer in received or layer == smallest for layer in present}
