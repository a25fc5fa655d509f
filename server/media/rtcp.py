"""RTCP packets (RFC 3550 §6, RFC 4585, RFC 5104): reading the few kinds the forwarder heeds, writing its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct, pack, unpack_from

import msgspec

from server.clock import Millis

SENDER_REPORT = 200
RECEIVER_REPORT = 201
DESCRIPTION = 202
APPLICATION_DEFINED = 204
TRANSPORT_FEEDBACK = 205
PAYLOAD_FEEDBACK = 206
NACK, TWCC = 1, 15
PLI, FIR, APPLICATION = 1, 4, 15

NTP_EPOCH_MS = 2_208_988_800_000
REPORT = Struct(">IIIIII")


class SenderReport(msgspec.Struct, gc=False):
    """When a sender sampled what, by its own clock: `ntp_ms` is in milliseconds since 1970."""

    ssrc: int
    ntp: int
    timestamp: int

    @property
    def ntp_ms(self) -> float:
        return (self.ntp >> 32) * 1000 + (self.ntp & 0xFFFFFFFF) * 1000 / 2**32 - NTP_EPOCH_MS


class ReportBlock(msgspec.Struct, gc=False):
    """What a receiver tells about one SSRC; `loss` is a fraction of 256, `jitter` in timestamp units."""

    ssrc: int
    loss: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


class Nack(msgspec.Struct, gc=False):
    """Please repeat these sequence numbers."""

    ssrc: int
    sequences: list[int]


class KeyFrameRequest(msgspec.Struct, gc=False):
    """PLI or FIR: please begin a new picture."""

    ssrc: int


class Estimate(msgspec.Struct, gc=False):
    """REMB: the receiver believes it can take so many bits a second."""

    bitrate: int


class TransportFeedback(msgspec.Struct, gc=False):
    """The body of a transport-wide feedback, read by `feedback.py`."""

    body: bytes


class Application(msgspec.Struct, gc=False):
    """APP: what our own processes tell each other, whole words of four octets."""

    name: bytes
    data: bytes


Message = SenderReport | ReportBlock | Nack | KeyFrameRequest | Estimate | TransportFeedback | Application


def parse(data: bytes) -> Iterator[Message]:
    """The messages of a compound packet. Raises ValueError at the first one that is malformed."""
    position = 0
    while position < len(data):
        if position + 4 > len(data):
            raise ValueError("cut off")
        first, kind, words = unpack_from(">BBH", data, position)
        end = position + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            raise ValueError("not RTCP")
        body = data[position + 4 : end]
        yield from _messages(kind, first & 0x1F, body)
        position = end


def is_transport_feedback(data: bytes) -> bool:
    """Whether this is one transport-wide feedback and nothing else."""
    return data[0] & 0x1F == TWCC and data[1] == TRANSPORT_FEEDBACK and len(data) == 4 + 4 * (data[2] << 8 | data[3])


def _messages(kind: int, count: int, body: bytes) -> Iterator[Message]:
    if kind == SENDER_REPORT:
        if len(body) < 24:
            raise ValueError("the sender report is cut off")
        ssrc, ntp, timestamp = unpack_from(">IQI", body)
        yield SenderReport(ssrc, ntp, timestamp)
        yield from _reports(count, body, 24)
    elif kind == RECEIVER_REPORT:
        yield from _reports(count, body, 4)
    elif kind == TRANSPORT_FEEDBACK and len(body) >= 8:
        if count == NACK:
            yield Nack(unpack_from(">I", body, 4)[0], _nacked(body))
        elif count == TWCC:
            yield TransportFeedback(body)
    elif kind == PAYLOAD_FEEDBACK and len(body) >= 8:
        yield from _payload_feedback(count, body)
    elif kind == APPLICATION_DEFINED and len(body) >= 8:
        yield Application(body[4:8], body[8:])


def _reports(count: int, body: bytes, start: int) -> Iterator[ReportBlock]:
    if len(body) < start + 24 * count:
        raise ValueError("a report block is cut off")
    for index in range(count):
        ssrc, lost, highest, jitter, last, delay = REPORT.unpack_from(body, start + 24 * index)
        yield ReportBlock(ssrc, lost >> 24, lost & 0xFFFFFF, highest, jitter, last, delay)


def _nacked(body: bytes) -> list[int]:
    sequences: list[int] = []
    for position in range(8, len(body) - 3, 4):
        first, mask = unpack_from(">HH", body, position)
        sequences.append(first)
        sequences.extend((first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)
    return sequences


def _payload_feedback(kind: int, body: bytes) -> Iterator[Message]:
    if kind == PLI:
        yield KeyFrameRequest(unpack_from(">I", body, 4)[0])
    elif kind == FIR:
        for position in range(8, len(body) - 7, 8):
            yield KeyFrameRequest(unpack_from(">I", body, position)[0])
    elif kind == APPLICATION and len(body) >= 16 and body[8:12] == b"REMB":
        shifted = int.from_bytes(body[13:16])
        yield Estimate((shifted & 0x3FFFF) << (shifted >> 18))


def round_trip_ms(block: ReportBlock, now: Millis) -> int:
    """From our sender report to this block about it, without the receiver's own delay (RFC 3550 §6.4.1)."""
    arrived = (ntp_time(now) >> 16) & 0xFFFFFFFF
    passed = (arrived - block.last_report - block.delay) & 0xFFFFFFFF
    return passed * 1000 >> 16 if passed < 0x8000_0000 else 0


def ntp_time(milliseconds: float) -> int:
    """64-bit NTP time of milliseconds since 1970."""
    return int((milliseconds + NTP_EPOCH_MS) * 2**32 / 1000)


def sender_report(ssrc: int, ntp: int, timestamp: int, sent: tuple[int, int]) -> bytes:
    """One sender report; `sent` is (packets, octets) so far."""
    packets, octets = sent
    return pack(">BBHIQIII", 0x80, SENDER_REPORT, 6, ssrc, ntp, timestamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)


def receiver_report(ssrc: int, blocks: Iterable[ReportBlock]) -> bytes:
    """One receiver report about at most 31 streams."""
    packed = [
        REPORT.pack(one.ssrc, one.loss << 24 | one.lost, one.highest, one.jitter, one.last_report, one.delay)
        for one in blocks
    ][:31]
    return pack(">BBHI", 0x80 | len(packed), RECEIVER_REPORT, 1 + 6 * len(packed), ssrc) + b"".join(packed)


def application(ssrc: int, name: bytes, data: bytes) -> bytes:
    """An APP packet (RFC 3550 §6.7): the name has four octets, the data whole words."""
    return pack(">BBHI", 0x80, APPLICATION_DEFINED, 2 + len(data) // 4, ssrc) + name + data


def description(ssrc: int, name: str) -> bytes:
    """SDES with a CNAME, which every compound packet carries (RFC 3550 §6.1)."""
    chunk = pack(">IBB", ssrc, 1, len(name)) + name.encode("ascii")
    chunk += bytes(4 - len(chunk) % 4)
    return pack(">BBH", 0x81, DESCRIPTION, len(chunk) // 4) + chunk


def nack(sender: int, media: int, sequences: Iterable[int]) -> bytes:
    """A request to repeat these packets (RFC 4585 §6.2.1)."""
    pairs: list[tuple[int, int]] = []
    for sequence in sorted({one & 0xFFFF for one in sequences}):
        if pairs and 0 < sequence - pairs[-1][0] <= 16:
            first, mask = pairs[-1]
            pairs[-1] = (first, mask | 1 << (sequence - first - 1))
        else:
            pairs.append((sequence, 0))
    body = b"".join(pack(">HH", first, mask) for first, mask in pairs)
    return pack(">BBHII", 0x80 | NACK, TRANSPORT_FEEDBACK, 2 + len(pairs), sender, media) + body


def key_frame_request(sender: int, media: int) -> bytes:
    """A PLI (RFC 4585 §6.3.1)."""
    return pack(">BBHII", 0x80 | PLI, PAYLOAD_FEEDBACK, 2, sender, media)
