"""What a sender is asked for, and told about what it sends; alike at the home and at an edge, which asks its home."""

from __future__ import annotations

from collections.abc import Iterable

from server.clock import Millis
from server.media import rtcp
from server.media.stream import Stream

OWN_SSRC = 1
"""We send nothing up, so our reports need any SSRC that nobody else uses there."""
ROUND_TRIP_MS = 50


def ask_again(streams: Iterable[Stream], now: Millis) -> list[bytes]:
    """The requests to repeat what is missing where somebody receives it; what is lost for good needs a key frame."""
    messages: list[bytes] = []
    for stream in streams:
        if stream.audio or not (stream.missing.holes or stream.missing.overflowed):
            continue
        if not stream.outputs:
            stream.missing.forget()
            continue
        holes = stream.missing.due(now, ROUND_TRIP_MS)
        if holes:
            messages.append(rtcp.nack(OWN_SSRC, stream.ssrc, holes))
        if stream.missing.lost_for_good():
            stream.ask_key()
    return messages


def reported(streams: Iterable[Stream], now: Millis) -> bytes:
    """The receiver report, about streams whose place is known: a report ends the rid extension for ever."""
    blocks = [one.counters.block(one.ssrc, one.unwrapper.highest, now) for one in streams if one.unwrapper.highest >= 0]
    return rtcp.receiver_report(OWN_SSRC, blocks) + rtcp.description(OWN_SSRC, "hopso") if blocks else b""
