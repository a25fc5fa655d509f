"""At an edge: the link to its conference's home. Streams come as home offers them; the edge asks for those it needs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from server.clock import Millis
from server.media import burst, relaying, rtcp, rtp
from server.media.asking import OWN_SSRC, ask_again, reported
from server.media.conference import Grants, Sending
from server.media.connection import Connection
from server.media.control import Source
from server.media.relaying import Carried, Catalogue, Hearing, Saying
from server.media.repair import KEPT_MS, KeyRequests
from server.media.rtp import Codec
from server.media.stream import Stream
from server.media.timing import PublisherClock
from server.media.trunk import NAME

Key = tuple[str, Source]


class DistantStream(Stream):
    """A stream that arrives at home. Whether it does, and how fast, home says: here it only comes when wanted."""

    def __init__(self, endpoint: str, carried: Carried) -> None:
        kind = relaying.FORMATS[carried.codec].payload_type
        super().__init__(endpoint, carried.ssrc, carried.codec, carried.rid, kind)
        self.carried = carried

    def told(self, carried: Carried) -> None:
        """How it stands now."""
        self.carried = carried
        self.bits_per_second = carried.bits_per_second

    def alive(self, now: Millis) -> bool:  # noqa: ARG002 - as of any stream
        return self.carried.alive

    @property
    def rests(self) -> bool:
        return not self.carried.alive

    def measure(self, now: Millis) -> None:
        """Let go of what nobody asks for any more; how fast it comes home has measured."""
        self.ring.forget(now - KEPT_MS)


class Inflow:
    """All that one edge takes from home, each stream once. Grants are looked at here too."""

    def __init__(self, connection: Connection, may: Callable[[], Mapping[str, Grants]]) -> None:
        self.connection = connection
        self.may = may
        self.distant: dict[Key, list[DistantStream]] = {}
        self.requests: dict[Key, KeyRequests] = {}
        self.by_ssrc: dict[int, DistantStream] = {}
        self.repairs: dict[int, DistantStream] = {}
        self.clock = PublisherClock()
        self.saying, self.hearing = Saying(), Hearing()
        self.sending = Sending()
        self.ready: dict[Stream, None] = {}
        self.changed = True
        self.needs: Collection[Codec] = ()
        """What somebody here takes alone."""
        self.received_before = 0

    @property
    def streams(self) -> Sequence[Stream]:
        """All that home offers."""
        return tuple(self.by_ssrc.values())

    @property
    def received(self) -> int:
        """How many packets have come."""
        return self.received_before + sum(one.counters.received for one in self.by_ssrc.values())

    def find(self, endpoint: str, source: Source, audio: bool) -> list[Stream]:
        """The streams of an endpoint that may pass, smallest layer first."""
        return [one for one in self.distant.get((endpoint, source), ()) if one.audio is audio and one.permitted]

    def permit(self) -> None:
        """The grants have changed: what may not pass any longer is forgotten."""
        grants = self.may()
        for (endpoint, source), streams in self.distant.items():
            for stream in streams:
                before, stream.permitted = stream.permitted, _allowed(grants.get(endpoint, Grants()), source, stream)
                self.changed |= before != stream.permitted
                if before and not stream.permitted:
                    stream.silence()
                    self.ready.pop(stream, None)
        self._weigh()

    def rtp(self, data: memoryview, size: int, now: Millis) -> None:
        """A packet of a stream that was asked for, or its repetition."""
        try:
            header = rtp.parse(data, size)
        except ValueError:
            return
        payload = bytes(data[header.start : header.end])
        stream = self.by_ssrc.get(header.ssrc)
        if stream is not None and stream.permitted:
            take = stream.take if header.payload_type == stream.payload_type else stream.take_with_older
            if take(header.sequence, header.timestamp, header.marker, payload, now):
                self.ready[stream] = None
            return
        repeated = self.repairs.get(header.ssrc)
        if repeated is not None and repeated.permitted and repeated.take_repeated(header, payload, now):
            self.ready[repeated] = None

    def rtcp(self, data: bytes, now: Millis) -> None:
        with contextlib.suppress(ValueError):
            for message in rtcp.parse(data):
                if isinstance(message, rtcp.SenderReport) and message.ssrc in self.by_ssrc:
                    self.clock.reported(message, now)
                    self.by_ssrc[message.ssrc].reported(message, self.clock, now)
                elif isinstance(message, rtcp.Application) and message.name == NAME:
                    self._hear(message.data)

    def sends(self, ssrc: int) -> bool:
        return ssrc in self.by_ssrc or ssrc in self.repairs

    def placed(self) -> None:
        """It does not matter where home is: only feedback goes there."""

    def forward(self) -> None:
        """Send on what arrived since the last time, sound first."""
        ready, self.ready = self.ready, {}
        for stream in sorted(ready, key=lambda one: not one.audio) if len(ready) > 1 else ready:
            if burst.forward(stream) and stream.requests is not None:
                stream.requests.settled(stream.ssrc)

    def _hear(self, piece: bytes) -> None:
        data = self.hearing.take(piece)
        if data is None:
            return
        with contextlib.suppress(msgspec.DecodeError):
            self._adopt(relaying.decode_catalogue(data))

    def _adopt(self, catalogue: Catalogue) -> None:
        """This may be had from now on."""
        offered = {(one.endpoint, one.source): one.streams for one in catalogue.sources}
        there = {carried.ssrc for streams in offered.values() for carried in streams}
        for gone in [one for ssrc, one in self.by_ssrc.items() if ssrc not in there]:
            self._remove(gone)
        self.requests = {key: self.requests.get(key) or KeyRequests() for key in offered}
        self.distant = {key: [self._stream(key, one) for one in streams] for key, streams in offered.items()}
        self.sending = Sending(loudest=catalogue.loudest)
        self.permit()

    def _stream(self, key: Key, carried: Carried) -> DistantStream:
        stream = self.by_ssrc.get(carried.ssrc)
        if stream is None:
            stream = self.by_ssrc[carried.ssrc] = self.repairs[carried.repeat] = DistantStream(key[0], carried)
            stream.requests = self.requests[key]
            self.changed = True
        stream.told(carried)
        return stream

    def _remove(self, stream: DistantStream) -> None:
        self.received_before += stream.counters.received
        stream.permitted = False
        self.ready.pop(stream, None)
        del self.by_ssrc[stream.ssrc], self.repairs[stream.carried.repeat]
        self.changed = True

    def _weigh(self) -> None:
        """Who sends: as home says, of those who may."""
        sound = {key: self.find(*key, audio=True) for key in self.distant}
        pictures = {key: self.find(*key, audio=False) for key in self.distant}
        self.sending = Sending(
            frozenset(who for (who, kind), found in pictures.items() if kind == "camera" and any(map(_comes, found))),
            frozenset(who for (who, kind), found in sound.items() if kind == "camera" and found),
            tuple(who for (who, kind), found in pictures.items() if kind == "screen" and found),
            self.sending.loudest,
        )

    def close(self) -> None:
        """The link is broken: nothing of it may be shown any longer."""
        for stream in list(self.by_ssrc.values()):
            self._remove(stream)
        self.distant.clear()

    # What home is told --------------------------------------------------------------------------------------------

    def acknowledge(self) -> list[bytes]:
        """Home estimates nothing: it sends what was asked for."""
        return []

    def feedback(self, now: Millis) -> list[bytes]:
        """What home should repeat, begin anew, send at all (call every 30 ms)."""
        wanted = (ssrc for ssrc, one in self.by_ssrc.items() if one.permitted and one.needed(now))
        self.saying.change(relaying.encode(relaying.wishes(wanted, self.needs)))
        messages = [rtcp.application(OWN_SSRC, NAME, piece) for piece in self.saying.due()]
        messages += ask_again(self.by_ssrc.values(), now)
        for requests in self.requests.values():
            messages += [rtcp.key_frame_request(OWN_SSRC, ssrc) for ssrc in requests.due(now)]
        return messages

    def report(self, now: Millis) -> bytes:
        """The receiver report, about what is wanted now."""
        return reported((one for one in self.by_ssrc.values() if one.outputs), now)


def _allowed(grants: Grants, source: Source, stream: Stream) -> bool:
    if source == "screen":
        return grants.screen
    return grants.audio if stream.codec is Codec.OPUS else grants.video


def _comes(stream: Stream) -> bool:
    return isinstance(stream, DistantStream) and stream.carried.alive
