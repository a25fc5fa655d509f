"""Whole frames out of packets: VP8 (RFC 7741), H264 (RFC 6184) and Opus (RFC 7587). Nothing is decoded."""

from __future__ import annotations

from typing import Protocol

import msgspec

from server.media.recorder.h264 import KEY, PICTURE, configuration, picture_size
from server.media.rtp import Codec, Packet

FRAME_LIMIT = 4 * 1024 * 1024
"""No picture of a meeting is larger; whoever sends more sends no picture."""
SET_LIMIT = 0xFFFF
"""Octets of a parameter set that avcC has room for; whoever sends more is not recorded."""
OPUS_FRAME_US = (10_000, 20_000, 40_000, 60_000)
OPUS_HYBRID_US = (10_000, 20_000)
OPUS_CELT_US = (2_500, 5_000, 10_000, 20_000)
SILENCE = b"\xfc\xff\xfe"
"""Twenty milliseconds of silence: one full-band CELT frame in stereo, as encoders without input write it."""
SILENCE_MS = 20


class Frame(msgspec.Struct, gc=False):
    """One picture, or the sound of one packet. `size` and `setup` (what players need to know of the coding beside
    the frames: the avcC of H264) are those of the last key frame; `arrival` is in ms."""

    timestamp: int
    key: bool
    data: bytes
    arrival: int
    size: tuple[int, int] = (0, 0)
    setup: bytes = b""


class Frames(Protocol):
    """Takes packets in order, gives whole frames."""

    def take(self, packet: Packet) -> Frame | None:
        """The frame that this packet completes."""
        ...

    def lost(self) -> None:
        """Something is missing here."""
        ...

    @property
    def wants_key(self) -> bool:
        """Whether nothing can be used until the next key frame."""
        ...


class OpusFrames:
    """Every packet is a frame, and each stands alone."""

    wants_key = False

    def take(self, packet: Packet) -> Frame | None:
        return Frame(packet.timestamp, True, packet.payload, packet.arrival) if packet.payload else None

    def lost(self) -> None:
        return


class Vp8Frames:
    """Strips the payload descriptors and joins the partitions."""

    def __init__(self) -> None:
        self.wants_key = True
        self.size = (0, 0)
        self._parts: list[bytes] | None = None
        self._octets = 0

    def take(self, packet: Packet) -> Frame | None:
        start = descriptor_size(packet.payload)
        if not start:
            self.lost()
            return None
        if packet.payload[0] & 0x17 == 0x10:
            self._parts, self._octets = [], 0
        if self._parts is None:
            return None
        self._parts.append(packet.payload[start:])
        self._octets += len(packet.payload)
        if self._octets > FRAME_LIMIT:
            self.lost()
        return self._whole(packet) if packet.marker and self._parts is not None else None

    def _whole(self, packet: Packet) -> Frame | None:
        data = b"".join(self._parts or ())
        self._parts = None
        if not data:
            return None
        if not data[0] & 1:
            size = vp8_size(data)
            if not size[0] or not size[1]:
                self.lost()
                return None
            self.size, self.wants_key = size, False
        if self.wants_key:
            return None
        return Frame(packet.timestamp, not data[0] & 1, data, packet.arrival, self.size)

    def lost(self) -> None:
        self._parts, self.wants_key = None, True


class H264Frames:
    """Unpacks single units, aggregates and fragments into pictures with length-prefixed units (ISO 14496-15)."""

    def __init__(self) -> None:
        self.wants_key = True
        self.size = (0, 0)
        self._sets: dict[int, bytes] = {}
        self._units: list[bytes] = []
        self._fragments: list[bytes] = []
        self._octets = 0
        self._timestamp: int | None = None

    def take(self, packet: Packet) -> Frame | None:
        if packet.timestamp != self._timestamp:
            self._timestamp = packet.timestamp
            self._forget()
        self._octets += len(packet.payload)
        if self._octets > FRAME_LIMIT or not self._unpack(packet.payload):
            self.lost()
            return None
        return self._whole(packet) if packet.marker else None

    def _unpack(self, payload: bytes) -> bool:
        if len(payload) < 2:
            return False
        kind = payload[0] & 0x1F
        if kind == 24:
            return self._aggregate(payload)
        if kind == 28:
            return self._fragment(payload)
        self._unit(payload)
        return 1 <= kind <= 23

    def _aggregate(self, payload: bytes) -> bool:
        position = 1
        while position + 2 < len(payload):
            size = int.from_bytes(payload[position : position + 2])
            position += 2
            if not size or position + size > len(payload):
                return False
            self._unit(payload[position : position + size])
            position += size
        return position == len(payload)

    def _fragment(self, payload: bytes) -> bool:
        head = payload[1]
        if head & 0x80:
            self._fragments = [bytes((payload[0] & 0xE0 | head & 0x1F,))]
        if not self._fragments:
            return False
        self._fragments.append(payload[2:])
        if head & 0x40:
            self._unit(b"".join(self._fragments))
            self._fragments = []
        return True

    def _unit(self, unit: bytes) -> None:
        kind = unit[0] & 0x1F
        if kind in (7, 8):
            if len(unit) <= SET_LIMIT:
                self._sets[kind] = unit
        elif kind in PICTURE or kind == 6:
            self._units.append(unit)

    def _whole(self, packet: Packet) -> Frame | None:
        units, self._units = self._units, []
        key = any(unit[0] & 0x1F == KEY for unit in units)
        if key and len(self._sets) == 2:
            try:
                self.size = picture_size(self._sets[7])
            except ValueError:
                self.lost()
                return None
            self.wants_key = False
        if self.wants_key or not any(unit[0] & 0x1F in PICTURE for unit in units):
            return None
        data = b"".join(len(unit).to_bytes(4) + unit for unit in units)
        setup = configuration(self._sets[7], self._sets[8])
        return Frame(packet.timestamp, key, data, packet.arrival, self.size, setup)

    def _forget(self) -> None:
        self._units, self._fragments, self._octets = [], [], 0

    def lost(self) -> None:
        self._forget()
        self.wants_key = True


def frames_of(codec: Codec) -> Frames:
    """What puts the frames of this coding together."""
    if codec is Codec.OPUS:
        return OpusFrames()
    return Vp8Frames() if codec is Codec.VP8 else H264Frames()


def descriptor_size(payload: bytes) -> int:
    """How long the VP8 payload descriptor is (RFC 7741 §4.2); 0 when nothing follows it."""
    if not payload:
        return 0
    size = 1
    if payload[0] & 0x80:
        flags = payload[1] if len(payload) > 1 else 0
        size = 2
        if flags & 0x80:
            size += 2 if len(payload) > size and payload[size] & 0x80 else 1
        size += bool(flags & 0x40) + bool(flags & 0x30)
    return size if size < len(payload) else 0


def vp8_size(frame: bytes) -> tuple[int, int]:
    """Width and height of a VP8 key frame (RFC 6386 §9.1); (0, 0) when it is none."""
    if len(frame) < 10 or frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
        return 0, 0
    return int.from_bytes(frame[6:8], "little") & 0x3FFF, int.from_bytes(frame[8:10], "little") & 0x3FFF


def opus_ms(packet: bytes) -> float:
    """How long the sound of an Opus packet lasts, in ms (RFC 6716 §3.1); 0 when it is none."""
    if not packet:
        return 0.0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        one = OPUS_FRAME_US[config & 3]
    elif config < 16:
        one = OPUS_HYBRID_US[config & 1]
    else:
        one = OPUS_CELT_US[config & 3]
    count = (packet[1] & 0x3F if len(packet) > 1 else 0) if code == 3 else min(code, 1) + 1
    return min(one * count, 120_000) / 1000
