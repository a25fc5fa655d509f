"""RTP packets (RFC 3550) and their header extensions (RFC 8285): reading, and recognising key frames."""

from __future__ import annotations

from enum import IntEnum
from struct import Struct

import msgspec

Octets = bytes | bytearray | memoryview

HEADER = Struct(">BBHII")
EXTENSION = Struct(">HH")
ONE_BYTE_PROFILE = 0xBEDE
TWO_BYTE_PROFILE = 0x1000
VIDEO_RATE = 90_000
AUDIO_RATE = 48_000
LAYOUT_LIMIT = 64


class Codec(IntEnum):
    """What a payload is coded with; the forwarder never decodes it, but must know where pictures begin."""

    OPUS = 0
    VP8 = 1
    H264 = 2


class Packet(msgspec.Struct, gc=False):
    """One packet of an incoming stream, as it waits to be forwarded or repeated.

    `number` counts without wrapping and without the padding that was dropped; `marker` is 0 or 128, as it
    stands in the header; `key` is true on the first packet of a key frame; `arrival` is in milliseconds.
    """

    number: int
    timestamp: int
    marker: int
    payload: bytes
    key: bool
    arrival: int


class Header(msgspec.Struct, gc=False):
    """The fixed header and where the rest of the packet lies; `end` leaves the padding out."""

    payload_type: int
    marker: int
    sequence: int
    timestamp: int
    ssrc: int
    start: int
    end: int
    profile: int
    extension_start: int
    extension_end: int


def parse(data: Octets, size: int) -> Header:
    """Read the header of the first `size` octets. Raises ValueError when it contradicts itself."""
    if size < 12:
        raise ValueError("shorter than an RTP header")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise ValueError("not RTP version 2")
    start = 12 + 4 * (first & 0x0F)
    profile = extension_start = extension_end = 0
    if first & 0x10:
        if start + 4 > size:
            raise ValueError("the extension is cut off")
        profile, words = EXTENSION.unpack_from(data, start)
        extension_start = start + 4
        start = extension_end = extension_start + 4 * words
    end = size - data[size - 1] if first & 0x20 else size
    if start > size or end < start:
        raise ValueError("the payload is cut off")
    marker = second & 0x80
    return Header(second & 0x7F, marker, sequence, timestamp, ssrc, start, end, profile, extension_start, extension_end)


def element(data: Octets, header: Header, wanted: int) -> Octets | None:
    """The extension element with that id, or None."""
    position, end = header.extension_start, header.extension_end
    if header.profile != ONE_BYTE_PROFILE:
        return _two_byte_element(data, header, wanted) if header.profile & 0xFFF0 == TWO_BYTE_PROFILE else None
    while position < end:
        octet = data[position]
        if octet >> 4 == wanted:
            stop = position + 2 + (octet & 0x0F)
            return data[position + 1 : stop] if wanted and stop <= end else None
        if octet >> 4 == 15:
            return None
        position += 2 + (octet & 0x0F) if octet else 1
    return None


class Layout:
    """Where the numbers and levels lie in header extensions that look like the one this was made from.

    Senders write the same elements in the same order into nearly every packet. Then the heads of all elements, and the
    padding, are the same, which one comparison shows: `heads` are those octets of the block read as one number, `mask`
    covers them. `wide` and `level` are how far to the right the two lie, -1 where there is none.
    """

    __slots__ = ("heads", "level", "mask", "size", "wide")

    def __init__(self, block: Octets, wide: int, level: int) -> None:
        """Read a block of one-byte elements; those with the ids `wide` and `level` (0: none) count, the last of each.

        Raises ValueError when it is mangled, or longer than anybody's.
        """
        self.size = size = len(block)
        if size > LAYOUT_LIMIT:
            raise ValueError("not a usual block")
        self.mask = self.heads = position = 0
        self.wide = self.level = -1
        while position < size:
            octet, kind = block[position], block[position] >> 4
            if kind == 15 or (not kind and octet):
                raise ValueError("not an element")
            right = 8 * (size - 1 - position)
            self.mask |= 0xFF << right
            self.heads |= octet << right
            if kind and kind == wide and octet & 15 == 1:
                self.wide = right - 16
            elif kind and kind == level:
                self.level = right - 8
            position += 2 + (octet & 15) if octet else 1
        if position > size:
            raise ValueError("an element is cut off")


def _two_byte_element(data: Octets, header: Header, wanted: int) -> Octets | None:
    position, end = header.extension_start, header.extension_end
    while position + 1 < end:
        if not data[position]:
            position += 1
            continue
        stop = position + 2 + data[position + 1]
        if data[position] == wanted:
            return data[position + 2 : stop] if stop <= end else None
        position = stop
    return None


def is_rtcp(data: Octets) -> bool:
    """Whether this is RTCP rather than RTP on the same port (RFC 5761 §4)."""
    return len(data) > 1 and 192 <= data[1] <= 223


def starts_key_frame(codec: Codec, payload: bytes) -> bool:
    """Whether a key frame begins in this packet."""
    if codec is Codec.VP8:
        return payload[0] & 0x1F == 0x10 and _vp8_key(payload) if payload else False
    if codec is Codec.H264:
        return _h264_key(payload)
    return True


def _vp8_key(payload: bytes) -> bool:
    """RFC 7741 §4.2: in the first packet of the first partition, the P bit of the VP8 header is 0."""
    position = 1
    if payload[0] & 0x80:
        if len(payload) < 2:
            return False
        flags = payload[1]
        position = 2
        if flags & 0x80 and len(payload) > 2:
            position += 2 if payload[2] & 0x80 else 1
        position += bool(flags & 0x40) + bool(flags & 0x30)
    return len(payload) > position and not payload[position] & 1


def _h264_key(payload: bytes) -> bool:
    """RFC 6184 §5.2: an IDR slice or a sequence parameter set, alone, aggregated or first of its fragments."""
    if len(payload) < 2:
        return False
    kind = payload[0] & 0x1F
    if kind == 24:
        return any(unit in (5, 7) for unit in _aggregated(payload))
    if kind == 28:
        return bool(payload[1] & 0x80) and payload[1] & 0x1F in (5, 7)
    return kind in (5, 7)


def _aggregated(payload: bytes) -> list[int]:
    kinds: list[int] = []
    position = 1
    while position + 2 < len(payload):
        kinds.append(payload[position + 2] & 0x1F)
        position += 2 + (payload[position] << 8 | payload[position + 1])
    return kinds


def signed(difference: int) -> int:
    """The difference of two timestamps, which wrap at 32 bits: positive when the first one is later."""
    return (difference + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000


class Unwrapper:
    """Turns 16-bit sequence numbers into ones that never wrap."""

    __slots__ = ("highest",)

    def __init__(self) -> None:
        self.highest = -1

    def unwrap(self, sequence: int) -> int:
        """The full number; late packets get a smaller one than `highest`."""
        highest = self.highest
        if highest < 0:
            # Room below for packets that were overtaken by the first one.
            self.highest = sequence + 0x10000
            return self.highest
        number = self.near(sequence)
        if number > highest:
            self.highest = number
        return number

    def near(self, sequence: int) -> int:
        """The full number nearest to the highest one so far."""
        return self.highest + ((sequence - self.highest + 0x8000) & 0xFFFF) - 0x8000


class Compactor:
    """Closes the holes that dropped padding would leave in the sequence."""

    __slots__ = ("dropped", "holes")
    REMEMBERED = 128

    def __init__(self) -> None:
        self.dropped = 0
        self.holes: list[int] = []

    def drop(self, number: int, highest: int) -> None:
        """Forget this packet; only the newest can go without a hole, because later ones are already sent."""
        if number < highest or (self.holes and number <= self.holes[-1]):
            return
        self.dropped += 1
        self.holes.append(number)
        if len(self.holes) > self.REMEMBERED:
            del self.holes[0]

    def compact(self, number: int) -> int:
        """The number as receivers see it."""
        holes = self.holes
        if not holes or number > holes[-1]:
            return number - self.dropped
        return number - self.dropped + sum(1 for hole in holes if hole > number)


class Rewriter:
    """The outgoing numbering of one slot, whoever is in it: no gap at a switch, time goes on.

    Sequence numbers are kept unwrapped here; the wire takes their low 16 bits. `first` is the lowest number of the
    present source that may still be sent: what is older belongs to the picture before the switch.
    """

    __slots__ = ("delta", "first", "highest", "history", "last_timestamp", "offset", "rate")
    SWITCHES_REMEMBERED = 8

    def __init__(self, rate: int, sequence: int, timestamp: int) -> None:
        self.rate = rate
        self.highest = sequence + 0x10000
        self.last_timestamp = timestamp
        self.delta = self.offset = self.first = 0
        self.history: list[tuple[int, object, int]] = []

    def take_over(self, packet: Packet, source: object, timestamp: int) -> None:
        """From this packet on the slot carries `source`; this is the packet's timestamp there.

        Where what was sent before is as new or newer, it is the next millisecond's: receivers drop what goes back.
        """
        if self.history:
            timestamp = self.last_timestamp + max(signed(timestamp - self.last_timestamp), self.rate // 1000)
        self.first = packet.number
        self.delta = self.highest + 1 - packet.number
        self.offset = timestamp - packet.timestamp
        self.history.append((self.highest + 1, source, self.delta))
        if len(self.history) > self.SWITCHES_REMEMBERED:
            del self.history[0]

    def sent(self, packet: Packet) -> None:
        """Remember the newest packet that left; packets sent again do not count."""
        number = packet.number + self.delta
        if number > self.highest:
            self.highest = number
            self.last_timestamp = (packet.timestamp + self.offset) & 0xFFFFFFFF

    def trace(self, sequence: int) -> tuple[object, int] | None:
        """Which source, and which of its numbers, went out as this 16-bit sequence number."""
        number = self.highest + ((sequence - self.highest + 0x8000) & 0xFFFF) - 0x8000
        if number > self.highest:
            return None
        for start, source, delta in reversed(self.history):
            if number >= start:
                return source, number - delta
        return None
