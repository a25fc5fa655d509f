"""The stage on its way to a codec: as it comes where the codec speaks its coding, else decoded and coded anew."""

from __future__ import annotations

from server.clock import Millis
from server.media.recorder.frames import Frames, frames_of
from server.media.recorder.jitter import Jitter
from server.media.rtp import VIDEO_RATE, Codec, Packet, starts_key_frame
from server.media.sip.coding import Brush, Eye
from server.media.sip.packing import Outgoing

WAIT_MS = 120


class Picture:
    """One outgoing stream of pictures."""

    def __init__(self, out: Outgoing, name: str, height: int, kbps: int) -> None:
        self.out = out
        self.codec = Codec[name]
        self.brush = Brush(name, height, kbps)
        self.eye = Eye()
        self.jitter = Jitter(WAIT_MS)
        self.coming: Codec | None = None
        self.frames: Frames | None = None
        self.shift = 0
        self.waits = True

    def put(self, codec: Codec, packet: Packet) -> None:
        """Take a packet of the stage."""
        if codec is not self.coming:
            self.coming, self.frames, self.waits = codec, frames_of(codec), True
            self.jitter = Jitter(WAIT_MS)
        self.jitter.put(packet)

    @property
    def wants_key(self) -> bool:
        """Whether nothing can be shown until the stage sends a picture that stands alone."""
        if self.coming is None:
            return False
        return self.waits if self.coming is self.codec else self.frames is not None and self.frames.wants_key

    def refresh(self) -> bool:
        """The codec wants a picture that stands alone; whether the stage must be asked for it."""
        self.brush.wants_key = True
        return self.coming is self.codec

    def take(self, now: Millis) -> list[bytes]:
        """The packets that are due."""
        found: list[bytes] = []
        for packet in self.jitter.ready(now):
            if self.coming is self.codec:
                found += self._through(packet, now)
            else:
                found += self._anew(packet, now)
        return found

    def _through(self, packet: Packet | None, now: Millis) -> list[bytes]:
        if packet is None:
            self.out.jump(1)
            return []
        if self.waits:
            if not starts_key_frame(self.codec, packet.payload):
                return []
            self.waits = False
            self.shift = int(now * VIDEO_RATE / 1000) - packet.timestamp
        return [self.out.packet(packet.payload, packet.timestamp + self.shift, packet.marker)]

    def _anew(self, packet: Packet | None, now: Millis) -> list[bytes]:
        assert self.frames is not None and self.coming is not None
        if packet is None:
            self.frames.lost()
            return []
        frame = self.frames.take(packet)
        picture = self.eye.see(self.coming, frame) if frame is not None else None
        if picture is None:
            return []
        payloads = self.brush.paint(picture, now)
        timestamp, last = int(now * VIDEO_RATE / 1000), len(payloads) - 1
        return [self.out.packet(one, timestamp, 128 if index == last else 0) for index, one in enumerate(payloads)]
