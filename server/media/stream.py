"""One incoming stream: a microphone, or one layer of a camera. Shared by all its receivers."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from server.clock import Millis
from server.media import red, rtp
from server.media.repair import KEPT_MS, KeyRequests, Missing, Ring
from server.media.rtcp import ReportBlock, SenderReport
from server.media.rtp import AUDIO_RATE, VIDEO_RATE, Codec, Compactor, Header, Packet, Unwrapper, starts_key_frame
from server.media.timing import PublisherClock, Sampling
from server.media.vp8 import Descriptors

if TYPE_CHECKING:
    from server.media.burst import Group, Route
    from server.media.sdp import Agreed

SOUND_KEPT, PICTURES_KEPT = 64, 1024
"""As many packets are kept for repetition: more than a second of sound, two of 2.5 Mbit/s video."""
REPAIRABLE = 16
"""As many lost packets of sound may still be found in later ones."""
ALIVE_MS = 1_500
"""A layer from which nothing came for this long has been switched off by its sender."""
RECODE_MS = 1_000
"""A sender changes its coding once in so long at most: each change is a new stream to everybody."""
HOPED_MS = 1_000
"""So long it holds that somebody hopes for a layer that rests; said again at every look at the layers."""


class Output(Protocol):
    """A slot that carries this stream, or waits for its next key frame."""

    source: Stream | None

    def begins(self, stream: Stream, packets: Sequence[Packet]) -> bool:
        """Whether it carries the stream from these packets on."""
        ...

    def route(self) -> Route | None:
        """How packets get there."""
        ...

    def succeed(self, before: Stream, stream: Stream) -> None:
        """What it carries, or waits for, goes on as this stream in another coding."""
        ...


class Counters:
    """What a receiver report says about one stream (RFC 3550 §6.4.1)."""

    __slots__ = ("before", "first", "jitter", "last_report", "last_transit", "received", "recent_loss", "reported_at")

    def __init__(self) -> None:
        self.first: int | None = None
        self.received = 0
        self.before = (0, 0)
        self.jitter = 0.0
        self.last_transit: int | None = None
        self.last_report = 0
        self.reported_at: Millis = 0
        self.recent_loss = 0

    def arrived(self, number: int, transit: int) -> None:
        """Count one packet; `transit` is arrival minus timestamp, in timestamp units."""
        if self.first is None:
            self.first = number
        self.received += 1
        if self.last_transit is not None:
            difference = abs(transit - self.last_transit)
            if difference < AUDIO_RATE * 10:
                self.jitter += (difference - self.jitter) / 16
        self.last_transit = transit

    def passed_over(self, number: int) -> None:
        """Count one packet that nobody may have; its time says nothing of the line's."""
        if self.first is None:
            self.first = number
        self.received += 1
        self.last_transit = None

    def block(self, ssrc: int, highest: int, now: Millis) -> ReportBlock:
        """The block for the next report; fractions count since the one before."""
        expected = highest - (self.first if self.first is not None else highest) + 1
        gained, got = expected - self.before[0], self.received - self.before[1]
        self.before = (expected, self.received)
        loss = max(0, min(255, (gained - got) * 256 // gained)) if gained > 0 else 0
        self.recent_loss = loss * 1000 // 256
        lost = max(0, min(0x7FFFFF, expected - self.received))
        delay = (now - self.reported_at) * 65536 // 1000 & 0xFFFFFFFF if self.last_report else 0
        return ReportBlock(ssrc, loss, lost, highest & 0xFFFFFFFF, int(self.jitter), self.last_report, delay)


class Stream:
    """Numbering, repair and measurement of one incoming stream."""

    repeat_type = 0
    """The payload type of its repetitions, 0 for none."""
    coded_at: Millis = -RECODE_MS
    """When it went over to this coding."""

    def __init__(self, endpoint: str, ssrc: int, codec: Codec, rid: str, payload_type: int) -> None:
        self.endpoint = endpoint
        self.ssrc = ssrc
        self.codec = codec
        self.rid = rid
        self.payload_type = payload_type
        self.payload_types = frozenset((payload_type,))
        """With the one that brings predecessors along."""
        self.audio = codec is Codec.OPUS
        self.rate = AUDIO_RATE if self.audio else VIDEO_RATE
        self.unwrapper = Unwrapper()
        self.compactor = Compactor()
        self.ring = Ring(SOUND_KEPT if self.audio else PICTURES_KEPT)
        self.missing = Missing()
        self.sampling = Sampling(self.rate)
        self.counters = Counters()
        self.outputs: list[Output] = []
        self.groups: list[Group] | None = None
        """How packets get to the outputs, once that is planned; None when something about it has changed."""
        self.newest: Packet | None = None
        self.forwarded = (0, 0)
        self.permitted = False
        self.requests: KeyRequests | None = None
        self.waiting: list[Packet] = []
        self.octets = self.bits_per_second = 0
        self.measured_at: Millis = 0
        self.arrived_at, self.hoped_at = -ALIVE_MS - 1, -HOPED_MS - 1
        self.descriptors = Descriptors() if codec is Codec.VP8 else None
        self.layout: rtp.Layout | None = None
        """That of the header extension of the last packets."""

    def take(self, sequence: int, timestamp: int, marker: int, payload: bytes, now: Millis) -> bool:
        """Number one packet, and keep it while anybody receives this; true when there is something to forward."""
        unwrapper, missing = self.unwrapper, self.missing
        number = unwrapper.highest + 1
        if number & 0xFFFF == sequence and missing.highest == unwrapper.highest:
            # The next one, as nearly always.
            unwrapper.highest = missing.highest = number
        else:
            number = unwrapper.unwrap(sequence)
            missing.arrived(number, now)
        self.counters.arrived(number, now * self.rate // 1000 - timestamp)
        return self._keep(Packet(number, timestamp, marker, payload, False, now))

    def take_with_older(self, sequence: int, timestamp: int, marker: int, payload: bytes, now: Millis) -> bool:
        """The same for a packet that brings its predecessors along: those that were lost are found in it."""
        try:
            *older, (_, own) = red.split(payload)
        except ValueError:
            return False
        ready = self.take(sequence, timestamp, marker, own, now)
        if not self.missing.holes:
            return ready
        self.missing.forget_all_but(REPAIRABLE)
        number = self.unwrapper.near(sequence)
        for back, (offset, data) in enumerate(reversed(older), 1):
            if data and number - back in self.missing.holes:
                self.missing.arrived(number - back, now)
                found = Packet(number - back, (timestamp - offset) & 0xFFFFFFFF, 0, data, False, now)
                ready |= self._keep(found)
        self.waiting.sort(key=attrgetter("number"))
        return ready

    def pass_by(self, sequence: int, timestamp: int, octets: int, now: Millis) -> None:
        """Count a packet that nobody receives without copying it: most of many sites are heard and seen nowhere."""
        number = self.unwrapper.unwrap(sequence)
        self.missing.highest = self.unwrapper.highest
        self.counters.arrived(number, now * self.rate // 1000 - timestamp)
        self.octets += octets
        self.arrived_at = now

    def skip(self, header: Header) -> None:
        """Count a packet that may not pass, so that the numbers still fit when it may again.

        It has arrived: a report that called it lost would have its sender save, and a technician called.
        """
        self.counters.passed_over(self.unwrapper.unwrap(header.sequence))
        self.missing.highest = self.unwrapper.highest
        self.missing.holes.clear()

    def take_repeated(self, header: Header, payload: bytes, now: Millis) -> bool:
        """The same for a packet that came again on the repair stream: its number stands before the payload."""
        if len(payload) < 2 or self.unwrapper.highest < 0:
            return False
        number = self.unwrapper.near(int.from_bytes(payload[:2]))
        if number > self.unwrapper.highest:
            return False
        self.missing.arrived(number, now)
        return self._keep(Packet(number, header.timestamp, header.marker, payload[2:], False, now))

    def _keep(self, packet: Packet) -> bool:
        payload = packet.payload
        if not payload:
            # Only padding, sent to probe the line: nobody needs it.
            self.compactor.drop(packet.number, self.unwrapper.highest)
            return False
        packet.number = self.compactor.compact(packet.number)
        is_new = self.ring.put(packet) if self.outputs else self.ring.pass_over(packet.number)
        if not is_new:
            return False
        if not self.sampling.reported:
            self.sampling.seen(packet.timestamp, packet.arrival)
        self.octets += len(payload)
        self.arrived_at = packet.arrival
        if not self.outputs:
            # Whoever comes later begins at a later key frame, and asks for nothing before it.
            return False
        if self.descriptors is not None:
            packet.payload = payload = self.descriptors.rewrite(payload, packet.arrival)
        packet.key = self.audio or starts_key_frame(self.codec, payload)
        self.waiting.append(packet)
        return True

    def sent(self, packets: Sequence[Packet], newest: Packet) -> None:
        """These went to all who carry this stream: it is counted once for all of them."""
        if self.newest is None or newest.number > self.newest.number:
            self.newest = newest
        count, octets = self.forwarded
        self.forwarded = (count + len(packets), octets + sum([len(one.payload) for one in packets]))

    def silence(self) -> None:
        """Forget what was sent: from now on it may not be heard or seen, not even repeated."""
        self.waiting.clear()
        self.ring.clear()

    def recoded(self, codec: Codec, agreed: Agreed, now: Millis) -> Stream:
        """What its sender goes on with under the same SSRC, in another coding: the numbers, the clock and the counts go
        on, and whoever carries this begins at the key frame with which a coding begins."""
        other = Stream(self.endpoint, self.ssrc, codec, self.rid, agreed.payload_type)
        other.repeat_type, other.coded_at, other.arrived_at = agreed.repeat, now, self.arrived_at
        other.permitted, other.requests = self.permitted, self.requests
        other.unwrapper, other.counters, other.sampling = self.unwrapper, self.counters, self.sampling
        other.missing.highest = self.unwrapper.highest
        other.bits_per_second, other.measured_at = self.bits_per_second, self.measured_at
        self.permitted = False
        for output in tuple(self.outputs):
            output.succeed(self, other)
        return other

    def enter(self, output: Output) -> None:
        """This one waits for the next key frame, and the first who does so asks for nothing before it."""
        if not self.outputs:
            self.missing.forget()
            self.ring.pass_over(self.compactor.compact(self.unwrapper.highest))
        self.outputs.append(output)
        self.groups = None

    def leave(self, output: Output) -> None:
        """This one does not carry the stream any longer; with the last one the wish for a key frame goes too, and what
        is kept of a stream that is over: slots remember for long whom they carried."""
        self.outputs.remove(output)
        self.groups = None
        if self.outputs:
            return
        if self.requests is not None:
            self.requests.settled(self.ssrc)
        if not self.permitted:
            self.silence()

    def ask_key(self) -> None:
        """Somebody waits for a picture that stands alone: of a layer that rests none comes, but of its sisters."""
        if self.requests is not None and not self.audio and not self.rests:
            self.requests.want(self.ssrc)

    def reported(self, report: SenderReport, clock: PublisherClock, now: Millis) -> None:
        """The publisher's own report about this stream."""
        self.counters.last_report = (report.ntp >> 16) & 0xFFFFFFFF
        self.counters.reported_at = now
        self.sampling.report(report, clock)

    def measure(self, now: Millis) -> None:
        """Update the bit rate, and let go of what nobody asks for any more; call about every 500 ms."""
        self.ring.forget(now - KEPT_MS)
        elapsed = now - self.measured_at
        if elapsed >= 200:
            self.bits_per_second = self.octets * 8000 // elapsed if self.measured_at else 0
            self.octets = 0
            self.measured_at = now

    def alive(self, now: Millis) -> bool:
        """Whether packets still come."""
        return now - self.arrived_at <= ALIVE_MS

    @property
    def rests(self) -> bool:
        """Whether none came for a while when this was looked at last, nor since."""
        return self.measured_at - self.arrived_at > ALIVE_MS

    def needed(self, now: Millis) -> bool:
        """Whether somebody receives it, or would if it came."""
        return bool(self.outputs) or now - self.hoped_at <= HOPED_MS
