"""Frames into packets: H264 (RFC 6184 §5.8) and VP8 (RFC 7741 §4.2), and the numbering of one outgoing stream. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack

from server.media import rtcp
from server.media.rtp import HEADER, VIDEO_RATE, Codec

LIMIT = 1_150
"""Octets of a payload: with headers, tags and tunnels it fits every network."""
ONE_BYTE = 0xBEDE


class Outgoing:
    """One stream that leaves: who may rewrite headers counts them here."""

    def __init__(self, ssrc: int, payload_type: int, rate: int = VIDEO_RATE) -> None:
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.rate = rate
        self.number = 0
        self.timestamp = 0
        self.sent_at = 0.0
        self.packets = self.octets = 0

    def packet(self, payload: bytes, timestamp: int, marker: int, elements: dict[int, bytes] | None = None) -> bytes:
        """The next packet; `marker` is 0 or 128, `elements` are header extensions (RFC 8285, one byte)."""
        self.number = (self.number + 1) & 0xFFFF
        self.timestamp = timestamp & 0xFFFF_FFFF
        self.packets += 1
        self.octets += len(payload)
        extension = _extension(elements) if elements else b""
        first = 0x90 if extension else 0x80
        header = HEADER.pack(first, marker | self.payload_type, self.number, self.timestamp, self.ssrc)
        return header + extension + payload

    def jump(self, packets: int) -> None:
        """So many packets were lost before they came here: the gap is passed on."""
        self.number = (self.number + packets) & 0xFFFF

    def report(self, name: str, now_ms: float, at_ms: float) -> bytes:
        """A sender report: the last packet was sampled at `at_ms`."""
        passed = int((now_ms - at_ms) * self.rate / 1000)
        timestamp = (self.timestamp + passed) & 0xFFFF_FFFF
        sent = rtcp.sender_report(self.ssrc, rtcp.ntp_time(now_ms), timestamp, (self.packets, self.octets))
        return sent + rtcp.description(self.ssrc, name)


def _extension(elements: dict[int, bytes]) -> bytes:
    data = b"".join(bytes((number << 4 | len(value) - 1,)) + value for number, value in elements.items())
    data += bytes(-len(data) % 4)
    return pack(">HH", ONE_BYTE, len(data) // 4) + data


def payloads(codec: Codec, frame: bytes) -> list[bytes]:
    """The payloads of one coded picture: H264 with start codes (ISO 14496-10 annex B), or VP8."""
    if codec is Codec.VP8:
        return _vp8(frame)
    return [payload for unit in units(frame) for payload in _h264(unit)]


def units(stream: bytes) -> Iterator[bytes]:
    """The units between start codes of three or four octets."""
    position = stream.find(b"\x00\x00\x01")
    while position >= 0:
        end = stream.find(b"\x00\x00\x01", position + 3)
        unit = stream[position + 3 : end if end >= 0 else len(stream)]
        # The first zero of a start code of four octets, and padding; no unit ends with a zero.
        if unit := unit.rstrip(b"\x00"):
            yield unit
        position = end


def _vp8(frame: bytes) -> list[bytes]:
    pieces = [frame[start : start + LIMIT] for start in range(0, len(frame), LIMIT)]
    return [bytes((0 if index else 0x10,)) + piece for index, piece in enumerate(pieces)]


def _h264(unit: bytes) -> list[bytes]:
    if len(unit) <= LIMIT:
        return [unit]
    head, kind, rest = unit[0] & 0xE0 | 28, unit[0] & 0x1F, unit[1:]
    pieces = [rest[start : start + LIMIT] for start in range(0, len(rest), LIMIT)]
    last = len(pieces) - 1
    return [
        bytes((head, kind | (0x80 if index == 0 else 0) | (0x40 if index == last else 0))) + piece
        for index, piece in enumerate(pieces)
    ]
