"""Sound that carries its own repair (RFC 2198): each packet brings the ones before it along. Pure.

A lost packet of sound cannot be asked for again in time on a long way; what comes with the next one is there at once.
Senders do it all the time where they can; we take it apart, and put it on again for the receivers that lose packets.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.clock import Millis
from server.media.rtp import Packet

OFFSET_LIMIT = 1 << 14
SIZE_LIMIT = 1 << 10
BLOCKS_LIMIT = 8
ONE_FROM, TWO_FROM = 0.02, 0.12
"""Shares of lost packets from which one and two earlier packets are brought along."""
CALM_MS = 5_000


def split(payload: bytes) -> list[tuple[int, bytes]]:
    """The blocks of a packet as (how much older in timestamp units, payload), the oldest first, its own last.

    Raises ValueError when it contradicts itself.
    """
    heads: list[tuple[int, int]] = []
    position = 0
    while position < len(payload) and payload[position] & 0x80:
        if position + 4 > len(payload) or len(heads) == BLOCKS_LIMIT:
            raise ValueError("a block header is cut off")
        word = int.from_bytes(payload[position + 1 : position + 4])
        heads.append((word >> 10, word & 0x3FF))
        position += 4
    position += 1
    if position + sum(size for _, size in heads) > len(payload):
        raise ValueError("a block is cut off")
    blocks: list[tuple[int, bytes]] = []
    for offset, size in heads:
        blocks.append((offset, payload[position : position + size]))
        position += size
    return [*blocks, (0, payload[position:])]


def join(kind: int, packet: Packet, before: Sequence[Packet]) -> bytes:
    """The payload of `packet` with those `before` it, the oldest first; `kind` is their payload type."""
    heads, blocks = b"", b""
    for one in before:
        offset = (packet.timestamp - one.timestamp) & 0xFFFFFFFF
        if 0 < offset < OFFSET_LIMIT and len(one.payload) < SIZE_LIMIT:
            heads += bytes((0x80 | kind,)) + (offset << 10 | len(one.payload)).to_bytes(3)
            blocks += one.payload
    return heads + bytes((kind,)) + blocks + packet.payload


class Redundancy:
    """How many earlier packets one receiver gets with each: more at once when packets are lost, fewer after a while."""

    __slots__ = ("depth", "needed_at")

    def __init__(self) -> None:
        self.depth = 0
        self.needed_at: Millis = 0

    def weigh(self, loss: float, now: Millis) -> bool:
        """Take in the share that was lost lately; true when the depth has changed."""
        needed = 2 if loss >= TWO_FROM else 1 if loss >= ONE_FROM else 0
        before = self.depth
        if needed >= self.depth:
            self.needed_at = now
            self.depth = needed
        elif now - self.needed_at >= CALM_MS:
            self.needed_at = now
            self.depth -= 1
        return self.depth != before
