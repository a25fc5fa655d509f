"""One slot of a "down" connection: a track that never changes, whoever is in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from math import inf
from struct import Struct
from typing import TYPE_CHECKING

from pylibsrtp._binding import ffi, lib

from server.clock import Millis
from server.media import rtcp, sdp
from server.media.burst import Plan, Route
from server.media.dtls import TRAILER
from server.media.probing import PACKETS
from server.media.repair import Retransmission
from server.media.rtp import AUDIO_RATE, EXTENSION, ONE_BYTE_PROFILE, VIDEO_RATE, Codec, Packet, Rewriter, signed
from server.media.sdp import Agreed, Section, SlotNames
from server.media.stream import Stream
from server.media.timing import NEARER_MS, Line

if TYPE_CHECKING:
    from server.media.receiver import Receiver

FIRST = 0x9000_0000
"""The header's first word: version 2, with a header extension."""
PADDED = FIRST | 0x2000_0000
PADDING = bytes(223) + bytes((224,))
"""A payload of nothing but padding, as long as browsers make it; its last octet says how long."""
SHARED = 64
"""So many different agreements are kept to be shared."""


class Slot:
    """Rewrites one stream at a time into its own SSRC, and changes streams at a key frame."""

    def __init__(self, subscriber: Receiver, section: Section, names: SlotNames, start: tuple[int, int]) -> None:
        self.subscriber = subscriber
        self.audio = section.audio
        self.formats = _shared(tuple(section.formats.items()))
        """All that is kept of the offer: of a browser's the rest is many times as much."""
        self.names = names
        self.rewriter = Rewriter(AUDIO_RATE if self.audio else VIDEO_RATE, *start)
        self.retransmission = Retransmission(start[0])
        self.line: Line | None = None
        """The time line of all that has been in here, so far: sources that follow keep to it."""
        self.source: Stream | None = None
        self.wanted: Stream | None = None
        self.since: Millis = 0
        self.word = self.repeat_type = 0
        self.packets = self.octets = 0
        self.counted = (0, 0)
        self.wide_mask = 0xFFFF if section.extension(sdp.TRANSPORT_WIDE) else 0
        self.fixed, self.fixed_repeat = _fixed(names.ssrc, section), _fixed(names.repeat_ssrc, section)
        self.overhead, self.write = _head(len(self.fixed))

    def want(self, stream: Stream | None) -> None:
        """Carry this stream from its next key frame on; None empties the slot at once.

        Until that key frame the old picture stays, except a silenced one; sound changes at once.
        """
        if stream is self.wanted and stream is not None:
            stream.ask_key()
            return
        self._leave(self.wanted)
        self.wanted = None
        if stream is self.source:
            return
        if stream is None or self.audio:
            self._leave(self.source)
            self.source = None
        if stream is not None:
            self.wanted = stream
            stream.enter(self)
            stream.ask_key()

    def succeed(self, before: Stream, stream: Stream) -> None:
        """What it carries, or waits for, goes on as this stream, in another coding; not where somebody else is next."""
        if self.wanted in (None, before) and stream.codec in self.formats and self.subscriber.is_screen:
            self.want(stream)

    def drop(self, stream: Stream | None) -> None:
        """This stream may not be shown any longer, not even until the next one begins."""
        if stream is not None and stream is self.source:
            self._leave(stream)
            self.source = None

    def _leave(self, stream: Stream | None) -> None:
        if stream is not None and stream is self.source:
            self.catch_up()
            self._follow(stream)
        if stream is not None and self in stream.outputs:
            stream.leave(self)

    def begins(self, stream: Stream, packets: Sequence[Packet]) -> bool:
        """Whether this slot changes to the stream now: at the key frame among its packets that it waits for."""
        fit = (one for one in packets if one.key and not (self.audio and self._is_past(stream, one)))
        first = next(fit, None) if stream is self.wanted else None
        if first is None:
            return False
        self._leave(self.source)
        self.source, self.wanted = stream, None
        self.counted = stream.forwarded
        self.since = first.arrival
        agreed = self.formats[stream.codec]
        self.word, self.repeat_type = FIRST | agreed.payload_type << 16, agreed.repeat
        self.rewriter.take_over(first, stream, self._due(stream, first))
        self.line = self._line(first, stream, inf)
        return True

    def _due(self, stream: Stream, packet: Packet) -> int:
        """The packet's timestamp on the slot's time line."""
        return self.line.continued(packet, stream.sampling) if self.line is not None else self.rewriter.last_timestamp

    def _follow(self, source: Stream) -> None:
        """How far the time line of what is in here got."""
        newest, line = source.newest, self.line
        if line is not None and newest is not None and newest.number >= self.rewriter.first:
            self.line = self._line(newest, source, line.late_ms)

    def _line(self, packet: Packet, source: Stream, late_ms: float) -> Line:
        moment = source.sampling.moment_of(packet)
        late_ms = min(late_ms, packet.arrival - moment)
        return Line(self.rewriter.rate, packet.timestamp + self.rewriter.offset, moment, late_ms)

    def _is_past(self, stream: Stream, packet: Packet) -> bool:
        """Whether that was said before what has been sent: receivers would drop it, or play all that follows later."""
        if self.line is None or not stream.sampling.reported:
            return False
        return 0 <= signed(self.rewriter.last_timestamp - self._due(stream, packet)) < NEARER_MS * AUDIO_RATE // 1000

    def route(self) -> Route | None:
        """How packets get to this receiver now; None while nobody knows where it is."""
        subscriber, rewriter, place = self.subscriber, self.rewriter, self.subscriber.connection.place
        keys = subscriber.keys
        if place is None or keys is None:
            return None
        word, older = self._form(subscriber.redundancy.depth)
        plan = Plan(
            place.destination, keys.pointer, word, self.fixed,
            rewriter.delta, rewriter.offset, subscriber.estimator.departures, self.wide_mask, keys,
        )  # fmt: skip
        return Route(plan, place.port.egress, self.overhead, keys.tag, self.write, rewriter.first, older)

    def _form(self, depth: int) -> tuple[int, tuple[int, int]]:
        """The header's first word, and how many predecessors of which payload type sound brings along."""
        agreed = self.formats[Codec.OPUS] if self.audio else None
        if not depth or agreed is None or not agreed.redundant:
            return self.word, (0, 0)
        return FIRST | agreed.redundant << 16, (depth, agreed.payload_type)

    def catch_up(self) -> None:
        """Take over from the source how far it got, and how much that was: it counts for all its receivers at once."""
        if self.source is not None and self.source.newest is not None:
            if self.source.newest.number >= self.rewriter.first:
                self.rewriter.sent(self.source.newest)
            packets, octets = self.source.forwarded
            self.packets += packets - self.counted[0]
            self.octets += octets - self.counted[1]
            self.counted = (packets, octets)

    def repeat(self, sequence: int, now: Millis) -> None:
        """Answer a NACK from the ring of whoever was in the slot then."""
        self.catch_up()
        found = self.rewriter.trace(sequence)
        subscriber, place = self.subscriber, self.subscriber.connection.place
        if found is None or place is None or subscriber.keys is None or not self.retransmission.allow(sequence, now):
            return
        source, number = found
        packet = source.ring.get(number) if isinstance(source, Stream) else None
        if packet is None or source is not self.source:
            return
        payload, word, fixed, number = packet.payload, self.word, self.fixed, sequence
        if self.repeat_type:
            payload, word = sequence.to_bytes(2) + payload, FIRST | self.repeat_type << 16
            fixed, number = self.fixed_repeat, self.retransmission.next()
        timestamp = (packet.timestamp + self.rewriter.offset) & 0xFFFFFFFF
        self._send((word | packet.marker << 16 | number, timestamp, fixed), payload, now)

    def pad(self, now: Millis) -> tuple[list[int], int]:
        """Send a few packets of padding as repeats, which receivers do not look into; their transport-wide numbers,
        and how long each is. No numbers where the receiver agreed to no repeats or does not report."""
        kind = next((one.repeat for one in self.formats.values() if one.repeat), 0)
        if not kind or not self.wide_mask or self.subscriber.connection.place is None:
            return [], 0
        size, numbers = 0, []
        for _ in range(PACKETS):
            header = (PADDED | kind << 16 | self.retransmission.next(), self.rewriter.last_timestamp, self.fixed_repeat)
            size = self._send(header, PADDING, now)
            numbers.append(self.subscriber.estimator.departures.wide)
        return numbers, size

    def _send(self, header: tuple[int, int, bytes], payload: bytes, now: Millis) -> int:
        """One packet beside the stream's own; how long it is, 0 when it could not be protected."""
        subscriber, place = self.subscriber, self.subscriber.connection.place
        if place is None or subscriber.keys is None:
            return 0
        egress, size = place.port.egress, self.overhead + len(payload)
        position = egress.room(size + TRAILER)
        departures = subscriber.estimator.departures
        if departures.at_us != now * 1000:
            departures.begin(now * 1000)
        wide = departures.wide = (departures.wide + 1) & self.wide_mask
        self.write(egress.arena, position, *header, wide)
        egress.arena[position + self.overhead : position + size] = payload
        length = ffi.new("int *", size)
        if lib.srtp_protect(subscriber.keys.pointer, egress.pointer + position, length):
            return 0
        egress.put(place.destination, position, [length[0]], self.audio)
        return int(length[0])

    def report(self, now: Millis) -> bytes:
        """Our own sender report: the publisher's time line, rewritten like its packets."""
        self.catch_up()
        if self.source is None or self.line is None or not self.packets:
            return b""
        self._follow(self.source)
        timestamp = self.line.timestamp_at(now)
        return rtcp.sender_report(self.names.ssrc, rtcp.ntp_time(now), timestamp, (self.packets, self.octets))


@lru_cache(SHARED)
def _shared(formats: tuple[tuple[Codec, Agreed], ...]) -> dict[Codec, Agreed]:
    """Nearly all slots of nearly all receivers agree on the same, which a large wall would keep a thousand times."""
    return dict(formats)


@cache
def _head(octets: int) -> tuple[int, Callable[..., None]]:
    """How long a header with so many octets between the timestamp and the transport-wide number is, and what writes it;
    slots share that."""
    head = Struct(f">II{octets}sH")
    return head.size, head.pack_into


def _fixed(ssrc: int, section: Section) -> bytes:
    """SSRC, extension header, the mid element, padding, and the head of the transport-wide element: its two octets
    end the block (without it they are padding, as 0 is)."""
    identifier, wide = section.extension(sdp.MID), section.extension(sdp.TRANSPORT_WIDE)
    mid = section.line.mid.encode("ascii")
    element = bytes((identifier << 4 | len(mid) - 1,)) + mid if identifier else b""
    element += bytes(-(3 + len(element)) % 4) + bytes((wide << 4 | 1 if wide else 0,))
    return ssrc.to_bytes(4) + EXTENSION.pack(ONE_BYTE_PROFILE, (2 + len(element)) // 4) + element
