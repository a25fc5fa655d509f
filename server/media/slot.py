"""One slot of a "down" connection: a track that never changes, whoever is in it."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from pylibsrtp._binding import lib

from server.clock import Millis
from server.media import rtcp, sdp
from server.media.dtls import TRAILER
from server.media.repair import Retransmission
from server.media.rtp import AUDIO_RATE, EXTENSION, ONE_BYTE_PROFILE, VIDEO_RATE, Packet, Rewriter
from server.media.sdp import Section, SlotNames
from server.media.stream import Stream

if TYPE_CHECKING:
    from server.media.subscriber import Subscriber

FIRST = 0x90
"""Version 2, with a header extension."""
PACKET_LIMIT = 1420
"""Longer packets would not fit the usual MTU once they are encrypted."""
ROOM = PACKET_LIMIT + TRAILER
TAG = 16
"""Octets that protecting adds with AES-GCM; only sender reports count without them."""


class Slot:
    """Rewrites one stream at a time into its own SSRC, and changes streams at a key frame."""

    def __init__(self, subscriber: Subscriber, section: Section, names: SlotNames, start: tuple[int, int]) -> None:
        self.subscriber = subscriber
        self.section = section
        self.audio = section.audio
        self.names = names
        self.rewriter = Rewriter(AUDIO_RATE if self.audio else VIDEO_RATE, *start)
        self.retransmission = Retransmission(start[0])
        self.source: Stream | None = None
        self.wanted: Stream | None = None
        self.since: Millis = 0
        self.payload_type = self.repeat_type = 0
        self.packets = self.octets = 0
        wide = section.extension(sdp.TRANSPORT_WIDE)
        self.wide_mask = 0xFFFF if wide else 0
        self.tail = _tail(section)
        self.fixed = _fixed(names.ssrc, self.tail, wide)
        self.fixed_repeat = _fixed(names.repeat_ssrc, self.tail, wide)
        self.head = Struct(f">BBHI9sH{len(self.tail)}s")

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
            stream.outputs.append(self)
            stream.ask_key()

    def drop(self, stream: Stream | None) -> None:
        """This stream may not be shown any longer, not even until the next one begins."""
        if stream is not None and stream is self.source:
            self._leave(stream)
            self.source = None

    def _leave(self, stream: Stream | None) -> None:
        if stream is not None and self in stream.outputs:
            stream.outputs.remove(self)

    def forward(self, stream: Stream, packets: list[Packet]) -> None:
        """Send on what belongs to this slot; what comes before the awaited key frame does not."""
        if stream is self.wanted:
            start = next((index for index, packet in enumerate(packets) if packet.key), None)
            if start is None:
                return
            self._take_over(stream, packets[start])
            packets = packets[start:] if start else packets
        elif stream is not self.source:
            return
        self._send(packets)

    def _take_over(self, stream: Stream, first: Packet) -> None:
        self._leave(self.source)
        self.source, self.wanted = stream, None
        self.since = first.arrival
        agreed = self.section.formats[stream.codec]
        self.payload_type, self.repeat_type = agreed.payload_type, agreed.repeat
        self.rewriter.take_over(first, stream)

    def _send(self, packets: list[Packet]) -> None:
        """The hot loop: header, payload and protection go straight into the arena of the socket."""
        subscriber, rewriter, place = self.subscriber, self.rewriter, self.subscriber.connection.place
        if place is None or subscriber.keys is None:
            return
        egress, keys, length = place.port.egress, subscriber.keys.pointer, subscriber.length
        write, overhead, fixed, tail, mask = self.head.pack_into, self.head.size, self.fixed, self.tail, self.wide_mask
        delta, offset, first, kind = rewriter.delta, rewriter.offset, rewriter.first, self.payload_type
        start = position = egress.room(len(packets) * ROOM)
        arena, pointer, protect, wide = egress.arena, egress.pointer, lib.srtp_protect, subscriber.wide
        sizes: list[int] = []
        newest = packets[0]
        for packet in packets:
            number, payload = packet.number, packet.payload
            size = overhead + len(payload)
            if number < first or size > PACKET_LIMIT:
                continue
            wide = (wide + 1) & mask
            timestamp = (packet.timestamp + offset) & 0xFFFFFFFF
            write(arena, position, FIRST, packet.marker | kind, (number + delta) & 0xFFFF, timestamp, fixed, wide, tail)
            arena[position + overhead : position + size] = payload
            length[0] = size
            if not protect(keys, pointer + position, length):
                size = length[0]
                position += size
                sizes.append(size)
                if number > newest.number:
                    newest = packet
        if sizes:
            egress.put(place.destination, start, sizes, self.audio)
            self._account(newest, wide, sizes)

    def _account(self, newest: Packet, wide: int, sizes: list[int]) -> None:
        octets = sum(sizes)
        self.packets += len(sizes)
        self.octets += octets - len(sizes) * (self.head.size + TAG)
        self.rewriter.sent(newest)
        self.subscriber.wide = wide
        self.subscriber.estimator.sent(wide, len(sizes), octets, newest.arrival * 1000)

    def repeat(self, sequence: int, now: Millis) -> None:
        """Answer a NACK from the ring of whoever was in the slot then."""
        found = self.rewriter.trace(sequence)
        subscriber, place = self.subscriber, self.subscriber.connection.place
        if found is None or place is None or subscriber.keys is None or not self.retransmission.allow(sequence, now):
            return
        source, number = found
        packet = source.ring.get(number) if isinstance(source, Stream) else None
        if packet is None or source is not self.source:
            return
        payload, kind, fixed, number = packet.payload, self.payload_type, self.fixed, sequence
        if self.repeat_type:
            payload, kind = sequence.to_bytes(2) + payload, self.repeat_type
            fixed, number = self.fixed_repeat, self.retransmission.next()
        egress, size = place.port.egress, self.head.size + len(payload)
        position = egress.room(size + TRAILER)
        wide = subscriber.wide = (subscriber.wide + 1) & self.wide_mask
        timestamp = (packet.timestamp + self.rewriter.offset) & 0xFFFFFFFF
        mark = packet.marker | kind
        self.head.pack_into(egress.arena, position, FIRST, mark, number, timestamp, fixed, wide, self.tail)
        egress.arena[position + self.head.size : position + size] = payload
        subscriber.length[0] = size
        if not lib.srtp_protect(subscriber.keys.pointer, egress.pointer + position, subscriber.length):
            egress.put(place.destination, position, [subscriber.length[0]], self.audio)
            subscriber.estimator.sent(wide, 1, size, now * 1000)

    def report(self, now: Millis) -> bytes:
        """Our own sender report: the publisher's time line, rewritten like its packets."""
        if self.source is None or not self.packets:
            return b""
        timestamp = (self.source.sampling.timestamp_at(now) + self.rewriter.offset) & 0xFFFFFFFF
        return rtcp.sender_report(self.names.ssrc, rtcp.ntp_time(now), timestamp, (self.packets, self.octets))


def _tail(section: Section) -> bytes:
    """The mid element and the padding that completes the extension block."""
    identifier, mid = section.extension(sdp.MID), section.line.mid.encode("ascii")
    element = bytes((identifier << 4 | len(mid) - 1,)) + mid if identifier else b""
    return element + bytes(-(3 + len(element)) % 4)


def _fixed(ssrc: int, tail: bytes, wide: int) -> bytes:
    """SSRC, extension header and the head of the transport-wide element (two octets long; 0 is padding)."""
    words = (3 + len(tail)) // 4
    return ssrc.to_bytes(4) + EXTENSION.pack(ONE_BYTE_PROFILE, words) + bytes((wide << 4 | 1 if wide else 0,))
