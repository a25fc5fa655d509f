"""At home: the link to one edge. It carries each stream that the edge wants once, as it comes, and says what it has."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping

import msgspec

from server.clock import Millis
from server.media import relaying, rtcp
from server.media.connection import Connection
from server.media.control import Source
from server.media.offer import Line
from server.media.publisher import Publisher
from server.media.receiver import Receiver
from server.media.relaying import Carried, Catalogue, Hearing, Saying
from server.media.rtcp import Message
from server.media.rtp import Codec
from server.media.sdp import Section, SlotNames
from server.media.slot import Slot
from server.media.stream import Stream

NAME = b"hopS"
"""Our APP packets."""
LINES = {kind: Line(kind, "", (), "", "", (), {}, (), (), {}) for kind in ("audio", "video")}
SECTIONS = {kind: Section(LINES[kind], relaying.FORMATS) for kind in LINES}


class Trunk(Receiver):
    """One edge of a conference. What is not permitted is not offered, and not sent: the edge looks once more."""

    is_screen = False

    def __init__(self, connection: Connection, ssrc: Callable[[], int], now: Millis) -> None:
        super().__init__(connection, now)
        self.ssrc = ssrc
        self.carried: dict[Stream, Slot] = {}
        self.wished: frozenset[int] = frozenset()
        self.needs: frozenset[Codec] = frozenset()
        """What somebody at the edge takes alone."""
        self.saying, self.hearing = Saying(), Hearing()
        self.worst_loss = 0

    def offer(self, publishers: Mapping[tuple[str, Source], Publisher], loudest: tuple[str, ...], now: Millis) -> None:
        """These send, and may; those are loudest."""
        there = {key: (*one.of_kind(True), *one.of_kind(False)) for key, one in publishers.items()}
        self._keep({stream for streams in there.values() for stream in streams})
        sources = [
            relaying.Source(endpoint, source, tuple(self._describe(one, now) for one in streams))
            for (endpoint, source), streams in there.items()
            if streams
        ]
        self.saying.change(relaying.encode(Catalogue(loudest, tuple(sources))))
        self._fulfil()

    def _keep(self, streams: Iterable[Stream]) -> None:
        streams = set(streams)
        for gone in [one for one in self.carried if one not in streams]:
            slot = self.carried.pop(gone)
            slot.want(None)
            del self.slots[slot.names.ssrc]
        for stream in streams.difference(self.carried):
            names = SlotNames("", "", self.ssrc(), self.ssrc())
            section = SECTIONS["audio" if stream.audio else "video"]
            slot = Slot(self, section, names, (names.ssrc & 0x7FFF, names.repeat_ssrc))
            self.carried[stream] = self.slots[names.ssrc] = slot

    def _describe(self, stream: Stream, now: Millis) -> Carried:
        names = self.carried[stream].names
        rate = stream.bits_per_second
        return Carried(names.ssrc, names.repeat_ssrc, stream.codec, stream.rid, rate, stream.alive(now))

    def _fulfil(self) -> None:
        for stream, slot in self.carried.items():
            wanted = slot.names.ssrc in self.wished
            if slot.source is not stream if wanted else slot.source or slot.wanted:
                slot.want(stream if wanted else None)

    @property
    def wanted(self) -> list[Stream]:
        """The streams that the edge wants."""
        return [stream for stream, slot in self.carried.items() if slot.names.ssrc in self.wished]

    def heed(self, message: Message, now: Millis) -> None:
        """What the edge wants, or that it missed something."""
        if isinstance(message, rtcp.Application) and message.name == NAME:
            self._wish(message.data)
            return
        if isinstance(message, rtcp.ReportBlock):
            self.worst_loss = max(self.worst_loss, message.loss)
        super().heed(message, now)

    def _wish(self, piece: bytes) -> None:
        data = self.hearing.take(piece)
        if data is not None:
            with contextlib.suppress(msgspec.DecodeError):
                self.wished, self.needs = relaying.wished(relaying.decode_wishes(data))
                self._fulfil()

    def assess(self, now: Millis) -> None:
        """No budget: edges stand near, and get what they want. Where some is lost, sound brings its predecessors."""
        self.count()
        loss, self.worst_loss = self.worst_loss / 256, 0
        if self.redundancy.weigh(loss, now):
            self.placed()

    def due(self) -> list[bytes]:
        """What to say to the edge at this beat."""
        return [rtcp.application(next(iter(self.slots), 1), NAME, piece) for piece in self.saying.due()]
