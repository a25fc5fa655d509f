"""An "up" connection: which packet belongs to which stream, what its sender may send, and the feedback it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from server.clock import Millis
from server.media import burst, rtcp, rtp, sdp
from server.media.asking import OWN_SSRC, ask_again, reported
from server.media.conference import Grants
from server.media.connection import Connection
from server.media.feedback import Arrivals
from server.media.repair import KeyRequests
from server.media.rtp import Codec, Header
from server.media.sdp import Agreed, Section
from server.media.stream import RECODE_MS, Stream
from server.media.timing import PublisherClock

STREAMS_LIMIT = 12

Heard = Callable[[str, int, Millis], None]


class Publisher:
    """One endpoint's camera and microphone, or its shared screen."""

    def __init__(self, connection: Connection, sections: Sequence[Section], heard: Heard) -> None:
        self.connection = connection
        self.heard = heard
        self.data = memoryview(b"")
        """The packet that is being read."""
        self.grants = Grants()
        self.sections = [one for one in sections if one.formats]
        pictures = [one.formats.items() for one in self.sections if not one.audio]
        self.pictures = {agreed.payload_type: (codec, agreed) for one in pictures for codec, agreed in one}
        self.by_ssrc: dict[int, Stream] = {}
        self.repairs: dict[int, Stream] = {}
        self.streams: list[Stream] = []
        self.received_before = 0
        """Packets of streams that have ended."""
        self.arrivals = Arrivals()
        self.clock = PublisherClock()
        self.key_requests = KeyRequests()
        self.ready: dict[Stream, None] = {}
        self.changed = True
        self.twcc = next((one.extension(sdp.TRANSPORT_WIDE) for one in self.sections), 0)
        self.level = next((one.extension(sdp.LEVEL) for one in self.sections if one.audio), 0)
        self.mid = next((one.extension(sdp.MID) for one in self.sections), 0)

    def permit(self, grants: Grants) -> None:
        """What this endpoint may send from now on."""
        before, self.grants = self.grants, grants
        if before != grants:
            self.changed = True
            for stream in self.streams:
                stream.permitted = self._allowed(stream)
                if not stream.permitted:
                    stream.silence()
                    self.ready.pop(stream, None)

    def _allowed(self, stream: Stream) -> bool:
        if self.connection.source == "screen":
            return self.grants.screen
        return self.grants.audio if stream.audio else self.grants.video

    def of_kind(self, audio: bool) -> list[Stream]:
        """The streams that may pass, smallest layer first as they were bound."""
        return [one for one in self.streams if one.audio is audio and one.permitted]

    def rtp(self, data: memoryview, size: int, now: Millis) -> None:
        """The usual packet, of a known stream that may pass, is read in one go; all others piece by piece."""
        self.data, start = data, 12
        first, second, sequence, timestamp, ssrc = rtp.HEADER.unpack_from(data)
        stream = self.by_ssrc.get(ssrc) if size > 16 else None
        if stream is None or not stream.permitted or second & 0x7F not in stream.payload_types:
            self._unusual(size, now)
            return
        if first == 0x90:
            profile, words = rtp.EXTENSION.unpack_from(data, 12)
            start = 16 + 4 * words
            if profile != rtp.ONE_BYTE_PROFILE or start > size or not self._elements(start, stream, now):
                self._unusual(size, now)
                return
        elif first != 0x80:
            self._unusual(size, now)
            return
        if not stream.outputs:
            stream.pass_by(sequence, timestamp, size - start, now)
            return
        take = stream.take if second & 0x7F == stream.payload_type else stream.take_with_older
        if take(sequence, timestamp, second & 0x80, bytes(data[start:size]), now):
            self.ready[stream] = None

    def _elements(self, end: int, stream: Stream, now: Millis) -> bool:
        """Heed the extension elements that matter on the way, each once; false when the block is mangled."""
        block, layout = int.from_bytes(self.data[16:end]), stream.layout
        if layout is None or layout.size != end - 16 or block & layout.mask != layout.heads:
            try:
                layout = stream.layout = rtp.Layout(self.data[16:end], self.twcc, self.level if stream.audio else 0)
            except ValueError:
                return False
        if layout.wide >= 0:
            self.arrivals.arrived(block >> layout.wide & 0xFFFF, now * 1000)
        if layout.level >= 0:
            self.heard(stream.endpoint, block >> layout.level & 0x7F, now)
        return True

    def _unusual(self, size: int, now: Millis) -> None:
        data = self.data
        try:
            header = rtp.parse(data, size)
        except ValueError:
            return
        if self.twcc:
            number = rtp.element(data, header, self.twcc)
            if number is not None and len(number) == 2:
                self.arrivals.arrived(number[0] << 8 | number[1], now * 1000)
        stream = self.by_ssrc.get(header.ssrc)
        if stream is not None:
            if header.payload_type not in stream.payload_types:
                stream = self._recode(stream, header, now)
            if stream is not None:
                self._take(stream, header, now)
            return
        if header.ssrc not in self.repairs:
            self._bind(header, now)
        repaired = self.repairs.get(header.ssrc)
        if repaired is not None and repaired.permitted and header.payload_type == repaired.repeat_type:
            # The payload begins with the original sequence number.
            payload = bytes(data[header.start : header.end])
            if repaired.take_repeated(header, payload, now):
                self.ready[repaired] = None

    def _take(self, stream: Stream, header: Header, now: Millis) -> None:
        data = self.data
        if not stream.permitted:
            stream.skip(header)
            return
        if stream.audio and self.level:
            level = rtp.element(data, header, self.level)
            if level is not None and len(level) == 1:
                self.heard(stream.endpoint, level[0] & 0x7F, now)
        payload = bytes(data[header.start : header.end])
        take = stream.take if header.payload_type == stream.payload_type else stream.take_with_older
        if take(header.sequence, header.timestamp, header.marker, payload, now):
            self.ready[stream] = None

    def rtcp(self, data: bytes, now: Millis) -> None:
        try:
            for message in rtcp.parse(data):
                if isinstance(message, rtcp.SenderReport) and message.ssrc in self.by_ssrc:
                    self.clock.reported(message, now)
                    self.by_ssrc[message.ssrc].reported(message, self.clock, now)
        except ValueError:
            return

    def sends(self, ssrc: int) -> bool:
        return ssrc in self.by_ssrc or ssrc in self.repairs

    def placed(self) -> None:
        """It does not matter where it is: only feedback goes there."""

    def close(self) -> None:
        """The connection is over: nothing of it may be shown any longer."""
        for stream in list(self.streams):
            self._remove(stream)

    def forward(self) -> None:
        """Send on what arrived since the last time, sound first."""
        if not self.ready:
            return
        ready, self.ready = self.ready, {}
        for stream in sorted(ready, key=lambda one: not one.audio) if len(ready) > 1 else ready:
            if burst.forward(stream):
                self.key_requests.settled(stream.ssrc)

    def acknowledge(self) -> list[bytes]:
        """What arrived when: the sender's bandwidth estimation lives on it (call every 50 to 100 ms)."""
        return list(self.arrivals.reports(OWN_SSRC, self.streams[0].ssrc)) if self.streams else []

    def feedback(self, now: Millis) -> list[bytes]:
        """What the sender should repeat or begin anew: holes and wishes for a key frame (call every 30 ms)."""
        messages = ask_again(self.streams, now)
        messages += [rtcp.key_frame_request(OWN_SSRC, ssrc) for ssrc in self.key_requests.due(now)]
        return messages

    def report(self, now: Millis) -> bytes:
        """The receiver report."""
        return reported(self.streams, now)

    def _bind(self, header: Header, now: Millis) -> None:
        """Find out what a new SSRC is: by mid and rid, else by the offer's a=ssrc, else by its payload type."""
        if len(self.by_ssrc) + len(self.repairs) >= STREAMS_LIMIT:
            return
        section = self._section(header)
        if section is None:
            return
        rid = self._text(header, section.extension(sdp.RID))
        for codec, agreed in section.formats.items():
            if header.payload_type in (agreed.payload_type, agreed.redundant):
                if bool(section.line.rids) == bool(rid) or header.ssrc in section.line.ssrcs:
                    self._add(header, (codec, agreed), rid if rid in section.line.rids else "", now)
                return
            if agreed.repeat and header.payload_type == agreed.repeat:
                self._bind_repair(header, section, codec)
                return

    def _add(self, header: Header, coded: tuple[Codec, Agreed], rid: str, now: Millis) -> None:
        codec, agreed = coded
        for old in [one for one in self.streams if one.audio is (codec is Codec.OPUS) and one.rid == rid]:
            # The sender began this track anew with another SSRC.
            self._remove(old)
        stream = Stream(self.connection.endpoint, header.ssrc, codec, rid, agreed.payload_type)
        stream.payload_types = frozenset((agreed.payload_type, agreed.redundant or agreed.payload_type))
        stream.repeat_type = agreed.repeat
        stream.requests = self.key_requests
        stream.permitted = self._allowed(stream)
        self.streams.append(stream)
        self.by_ssrc[header.ssrc] = stream
        self.changed = True
        self._take(stream, header, now)

    def _recode(self, old: Stream, header: Header, now: Millis) -> Stream | None:
        """The stream in another coding that was agreed, from this packet on; None where it is late or means nothing."""
        found = self.pictures.get(header.payload_type)
        late = old.unwrapper.near(header.sequence) <= old.unwrapper.highest or now - old.coded_at < RECODE_MS
        if found is None or old.audio or late:
            return None
        return self._replace(old, old.recoded(*found, now))

    def align(self, now: Millis) -> None:
        """A layer that rests will come as its sisters do: who takes nothing else must be able to hope for it."""
        pictures = [one for one in self.streams if not one.audio]
        coming = {one.codec for one in pictures if one.alive(now)}
        agreed = [one for one in self.pictures.values() if {one[0]} == coming]
        for old in pictures if agreed else ():
            if old.codec not in coming:
                self._replace(old, old.recoded(*agreed[0], now))

    def _replace(self, old: Stream, stream: Stream) -> Stream:
        self.streams[self.streams.index(old)] = self.by_ssrc[old.ssrc] = stream
        self.repairs = {ssrc: stream if one is old else one for ssrc, one in self.repairs.items()}
        self.changed = True
        return stream

    @property
    def received(self) -> int:
        """How many packets of sound and pictures have come."""
        return self.received_before + sum(one.counters.received for one in self.streams)

    def _remove(self, stream: Stream) -> None:
        self.streams.remove(stream)
        self.received_before += stream.counters.received
        stream.permitted = False
        self.ready.pop(stream, None)
        self.by_ssrc = {ssrc: one for ssrc, one in self.by_ssrc.items() if one is not stream}
        self.repairs = {ssrc: one for ssrc, one in self.repairs.items() if one is not stream}

    def _bind_repair(self, header: Header, section: Section, codec: Codec) -> None:
        rid = self._text(header, section.extension(sdp.REPAIRED_RID))
        media = {repeat: ssrc for ssrc, repeat in section.line.pairs.items()}.get(header.ssrc)
        same: Iterable[Stream] = [one for one in self.streams if one.codec is codec]
        if rid:
            same = [one for one in same if one.rid == rid]
        elif media is not None:
            same = [one for one in same if one.ssrc == media]
        found = list(same)
        if len(found) == 1:
            self.repairs[header.ssrc] = found[0]

    def _section(self, header: Header) -> Section | None:
        mid = self._text(header, self.mid)
        if mid:
            return next((one for one in self.sections if one.line.mid == mid), None)
        for section in self.sections:
            if header.ssrc in section.line.ssrcs or header.ssrc in section.line.pairs.values():
                return section
        types = [
            section
            for section in self.sections
            for one in section.formats.values()
            if header.payload_type in (one.payload_type, one.repeat, one.redundant)
        ]
        return types[0] if len(types) == 1 else None

    def _text(self, header: Header, identifier: int) -> str:
        value = rtp.element(self.data, header, identifier) if identifier else None
        return bytes(value).decode("ascii", "replace") if value is not None else ""
