"""Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01), both ways.

To publishers we report what arrived when, so that their bandwidth estimation works; from receivers we read the
same, and `estimate.py` makes of it how much they can take.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct, pack, unpack_from

from server.media.rtcp import TRANSPORT_FEEDBACK, TWCC
from server.media.rtp import Unwrapper

REFERENCE_US = 64_000
TICK_US = 250
MISSING, SMALL, LARGE = 0, 1, 2
VECTOR_SYMBOLS = 7
RUN_LIMIT = 0x1FFF
PACKETS_A_REPORT = 500
QUICK = Struct(">HHxxxxH")
"""The first number, how many, and the first status chunk."""


class Arrivals:
    """What arrived from one publisher since the last report; times in microseconds of any steady clock."""

    __slots__ = ("count", "next", "times", "unwrapper")

    def __init__(self) -> None:
        self.times: dict[int, int] = {}
        self.next: int | None = None
        self.count = 0
        self.unwrapper = Unwrapper()

    def arrived(self, sequence: int, at_us: int) -> None:
        """Note one packet's transport-wide number."""
        if len(self.times) < 4 * PACKETS_A_REPORT:
            self.times.setdefault(self.unwrapper.unwrap(sequence), at_us)

    def reports(self, sender: int, media: int) -> Iterator[bytes]:
        """The feedback packets now due; nothing when nothing arrived."""
        times = sorted(self.times.items())
        self.times.clear()
        first = self.next if self.next is not None else None
        batch: list[tuple[int, int]] = []
        for number, at in times:
            if first is None or number < first:
                # Overtaken packets begin a report of their own: numbers in a report only grow.
                first = number
            if batch and number - first >= PACKETS_A_REPORT:
                yield self._report(sender, media, first, batch)
                first, batch = number, []
            elif not batch and number - first >= PACKETS_A_REPORT:
                first = number
            batch.append((number, at))
        if batch and first is not None:
            yield self._report(sender, media, first, batch)
        if times:
            self.next = max(self.next or 0, times[-1][0] + 1)

    def _report(self, sender: int, media: int, first: int, batch: list[tuple[int, int]]) -> bytes:
        reference = batch[0][1] // REFERENCE_US
        symbols, deltas = _differences(first, batch, reference * REFERENCE_US)
        body = pack(">HH", first & 0xFFFF, len(symbols)) + (reference & 0xFFFFFF).to_bytes(3)
        body += bytes((self.count,)) + b"".join(_chunks(symbols)) + b"".join(deltas)
        self.count = (self.count + 1) & 0xFF
        body += bytes(-len(body) % 4)
        return pack(">BBHII", 0x80 | TWCC, TRANSPORT_FEEDBACK, 2 + len(body) // 4, sender, media) + body


def _differences(first: int, batch: list[tuple[int, int]], reference: int) -> tuple[list[int], list[bytes]]:
    symbols: list[int] = []
    deltas: list[bytes] = []
    before, expected = reference, first
    for number, at in batch:
        symbols.extend([MISSING] * (number - expected))
        ticks = round((at - before) / TICK_US)
        if 0 <= ticks <= 255:
            symbols.append(SMALL)
            deltas.append(bytes((ticks,)))
        else:
            ticks = max(-32768, min(32767, ticks))
            symbols.append(LARGE)
            deltas.append(pack(">h", ticks))
        before += ticks * TICK_US
        expected = number + 1
    return symbols, deltas


def _chunks(symbols: list[int]) -> Iterator[bytes]:
    position = 0
    while position < len(symbols):
        run = 1
        while position + run < len(symbols) and symbols[position + run] == symbols[position] and run < RUN_LIMIT:
            run += 1
        if run >= VECTOR_SYMBOLS or position + run == len(symbols):
            yield pack(">H", symbols[position] << 13 | run)
            position += run
        else:
            vector = symbols[position : position + VECTOR_SYMBOLS]
            bits = 0
            for index, symbol in enumerate(vector):
                bits |= symbol << (12 - 2 * index)
            yield pack(">H", 0xC000 | bits)
            position += len(vector)


def summarize(body: bytes) -> tuple[int, int, list[tuple[int, int]]]:
    """How many packets arrived, how many were lost, and (number, µs) of arrivals of a feedback's body.

    When nothing was lost and no gap was long – one run, nearly always – only the last arrival is told, which is quick.
    Raises ValueError when the body is cut off.
    """
    if len(body) < 18:
        raise ValueError("the feedback is cut off")
    first, count, chunk = QUICK.unpack_from(body, 8)
    if chunk >> 13 == SMALL and 0 < count <= chunk & RUN_LIMIT and 18 + count <= len(body):
        at = int.from_bytes(body[12:15]) * REFERENCE_US + TICK_US * sum(body[18 : 18 + count])
        return count, 0, [((first + count - 1) & 0xFFFF, at)]
    arrivals = [(number, at) for number, at in read_report(body) if at is not None]
    return len(arrivals), count - len(arrivals), arrivals


def _head(body: bytes) -> tuple[int, int, list[int], int]:
    if len(body) < 16:
        raise ValueError("the feedback is cut off")
    first, count = unpack_from(">HH", body, 8)
    return first, count, *_symbols(body, count)


def read_report(body: bytes) -> list[tuple[int, int | None]]:
    """The (transport-wide number, arrival in µs or None when lost) of a feedback's body.

    Raises ValueError when it is cut off.
    """
    first, _, symbols, position = _head(body)
    at = int.from_bytes(body[12:15]) * REFERENCE_US
    found: list[tuple[int, int | None]] = []
    for index, symbol in enumerate(symbols):
        number = (first + index) & 0xFFFF
        if symbol in (SMALL, LARGE):
            size = symbol
            if position + size > len(body):
                raise ValueError("an arrival time is cut off")
            at += TICK_US * int.from_bytes(body[position : position + size], signed=symbol == LARGE)
            position += size
            found.append((number, at))
        else:
            found.append((number, None))
    return found


def _symbols(body: bytes, count: int) -> tuple[list[int], int]:
    symbols: list[int] = []
    position = 16
    while len(symbols) < count:
        if position + 2 > len(body):
            raise ValueError("a status chunk is cut off")
        (chunk,) = unpack_from(">H", body, position)
        position += 2
        if not chunk & 0x8000:
            symbols.extend([chunk >> 13] * min(chunk & RUN_LIMIT, count - len(symbols)))
            if not chunk & RUN_LIMIT:
                raise ValueError("an empty run")
        elif chunk & 0x4000:
            symbols.extend(chunk >> shift & 3 for shift in range(12, -1, -2))
        else:
            symbols.extend(chunk >> shift & 1 for shift in range(13, -1, -1))
    return symbols[:count], position
