"""One track of a recording: packets in, frames out, at the moments they were sampled. Pure: the shelf keeps the files.

A voice never has holes: where nobody speaks into the slot, silence is written, so that every player keeps time.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from server.clock import Millis
from server.media.recorder.frames import SILENCE, SILENCE_MS, Frame, Frames, frames_of, opus_ms
from server.media.recorder.index import Track as Name
from server.media.recorder.jitter import WAIT_MS, Jitter
from server.media.recorder.times import Times
from server.media.rtcp import SenderReport
from server.media.rtp import AUDIO_RATE, VIDEO_RATE, Codec, Packet

SEGMENT_MS = 900_000
"""A new file every quarter of an hour: what breaks is small, and quickly mended."""
TOLERANCE_MS = 30
"""A voice may be so far from its moment before silence is written or a packet left out; lips allow 80 ms."""
WILD_MS = 10_000
"""Nothing arrives so long after or before its moment: then the sender's clock lies, and the arrival is taken."""
SILENT_FOR_MS = WAIT_MS + 200
"""What is this old will not come any more: silence is written in its place."""


class Start(msgspec.Struct, frozen=True):
    """What a new file is begun with."""

    name: Name
    codec: Codec
    at: Millis
    size: tuple[int, int]
    setup: bytes


class Piece(Protocol):
    """A file that is being written."""

    def write(self, at: Millis, data: bytes, key: bool) -> None:
        """One frame at that moment."""
        ...

    def end(self, at: Millis) -> None:
        """Its last frame ends at that moment."""
        ...


class Shelf(Protocol):
    """Where files are begun."""

    def begin(self, start: Start) -> Piece:
        """A new file."""
        ...


class Track:
    """One slot of the recorder's connection, on its way to files."""

    def __init__(self, name: Name, shelf: Shelf) -> None:
        self.name = name
        self.shelf = shelf
        self.audio = name.startswith("voice")
        self.times = Times(AUDIO_RATE if self.audio else VIDEO_RATE)
        self.codec: Codec | None = None
        self.jitter = Jitter()
        self.frames: Frames = frames_of(Codec.OPUS)
        self.piece: Piece | None = None
        self.start: Start | None = None
        self.until = 0.0
        """Up to which moment the file reaches, in ms since 1970."""

    def take(self, codec: Codec, packet: Packet) -> None:
        """One packet as it came, its number as on the wire."""
        self.times.seen(packet.timestamp, packet.arrival)
        if codec is not self.codec:
            self._write(self.jitter.rest())
            self.end()
            self.jitter, self.frames, self.codec = Jitter(), frames_of(codec), codec
        self.jitter.put(packet)

    def report(self, report: SenderReport) -> None:
        """The forwarder's sender report for this slot."""
        self.times.report(report)

    def advance(self, now: Millis) -> bool:
        """Write what is ready; true when a key frame is needed to go on."""
        self._write(self.jitter.ready(now))
        if self.audio:
            self._silence(now - SILENT_FOR_MS)
            self._rotate(now - SILENT_FOR_MS)
            return False
        late = self.start is not None and now - self.start.at > SEGMENT_MS
        return self.codec is not None and (self.frames.wants_key or late)

    def finish(self) -> None:
        """Nothing more will come: write the rest, and end the file."""
        self._write(self.jitter.rest())
        self.end()

    def end(self) -> None:
        """End the file that is being written, if any."""
        if self.piece is not None:
            self.piece.end(round(self.until))
        self.piece = self.start = None

    def _write(self, packets: list[Packet | None]) -> None:
        for packet in packets:
            if packet is None:
                self.frames.lost()
                continue
            frame = self.frames.take(packet)
            if frame is not None and self.codec is not None:
                self._voice(frame) if self.audio else self._picture(frame, self.codec)

    def _picture(self, frame: Frame, codec: Codec) -> None:
        at = self._moment(frame)
        if self.start is not None and frame.key:
            old = at - self.start.at > SEGMENT_MS
            if old or frame.setup != self.start.setup:
                self.until = max(self.until, at)
                self.end()
        if self.piece is None:
            if not frame.key:
                # The file before was ended for want of a sender: this one begins with a picture that stands alone.
                self.frames.lost()
                return
            self._begin(codec, at, frame)
        assert self.piece is not None
        # Two pictures never stand at the same moment, also when the clock was set a little back at a switch.
        at = max(at, self.until + 1) if self.until else at
        self.piece.write(round(at), frame.data, frame.key)
        self.until = at

    def _voice(self, frame: Frame) -> None:
        at, lasts = self._moment(frame), opus_ms(frame.data)
        if not lasts:
            return
        self._rotate(at)
        if self.piece is None:
            self._begin(Codec.OPUS, at, frame)
        if at < self.until - TOLERANCE_MS:
            return
        self._silence(at)
        self._sound(frame.data, lasts)

    def _moment(self, frame: Frame) -> float:
        at = self.times.at(frame.timestamp)
        return at if abs(at - frame.arrival) <= WILD_MS else float(frame.arrival)

    def _rotate(self, at: float) -> None:
        if self.start is not None and at - self.start.at > SEGMENT_MS:
            self.end()

    def _silence(self, until: float) -> None:
        """Fill up to that moment, so that what follows stands where it belongs."""
        if until - self.until < TOLERANCE_MS:
            return
        while self.piece is not None and until - self.until >= SILENCE_MS:
            self._sound(SILENCE, SILENCE_MS)

    def _sound(self, data: bytes, lasts: float) -> None:
        assert self.piece is not None
        self.piece.write(round(self.until), data, True)
        self.until += lasts

    def _begin(self, codec: Codec, at: float, frame: Frame) -> None:
        self.start = Start(self.name, codec, round(at), frame.size, frame.setup)
        self.piece = self.shelf.begin(self.start)
        self.until = float(self.start.at) if self.audio else 0.0
