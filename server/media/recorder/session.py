"""The recorder's own "down" connection: SRTP in, reports out."""

from __future__ import annotations

import contextlib
from typing import Protocol

from server.clock import Clock, Millis
from server.media import rtcp, rtp
from server.media.dtls import Certificate
from server.media.feedback import Arrivals
from server.media.peer import OWN_SSRC, Peer
from server.media.recorder.agreement import AGAIN, CODECS, WIDE_ID, Remote
from server.media.recorder.index import Track
from server.media.rtp import Codec, Packet


class Receiver(Protocol):
    """Who takes what arrives."""

    def packet(self, track: Track, codec: Codec, packet: Packet) -> None:
        """One RTP packet of a slot."""
        ...

    def report(self, track: Track, report: rtcp.SenderReport) -> None:
        """The forwarder's report about a slot."""
        ...


class Session(Peer):
    """One connection to the forwarder."""

    def __init__(self, clock: Clock, certificate: Certificate, receiver: Receiver) -> None:
        super().__init__(clock, certificate)
        self.receiver = receiver
        self.arrivals = Arrivals()
        self.remote: Remote | None = None

    async def connect(self, remote: Remote) -> None:
        """Find the forwarder and agree on keys. Raises `Unavailable("media.unavailable")` when it cannot be done."""
        self.remote = remote
        await self.reach(remote.place)

    def rtp(self, size: int) -> None:
        now = self.clock.now()
        try:
            header = rtp.parse(self.scratch.memory, size)
        except ValueError:
            return
        wide = rtp.element(self.scratch.memory, header, WIDE_ID)
        if wide is not None and len(wide) == 2:
            self.arrivals.arrived(int.from_bytes(wide), now * 1000)
        payload = bytes(self.scratch.memory[header.start : header.end])
        packet = Packet(header.sequence, header.timestamp, header.marker, payload, False, now)
        self._deliver(header.ssrc, header.payload_type, packet)

    def _deliver(self, ssrc: int, kind: int, packet: Packet) -> None:
        assert self.remote is not None
        codec = CODECS.get(kind)
        if codec is None and kind in AGAIN and len(packet.payload) > 2:
            codec, ssrc = AGAIN[kind], self.remote.repeats.get(ssrc, 0)
            packet.number, packet.payload = int.from_bytes(packet.payload[:2]), packet.payload[2:]
        track = self.remote.slots.get(ssrc)
        if codec is not None and track is not None:
            self.receiver.packet(track, codec, packet)

    def rtcp(self, data: bytes) -> None:
        assert self.remote is not None
        with contextlib.suppress(ValueError):
            for message in rtcp.parse(data):
                if isinstance(message, rtcp.SenderReport) and message.ssrc in self.remote.slots:
                    self.receiver.report(self.remote.slots[message.ssrc], message)

    # What the forwarder is told -----------------------------------------------------------------------------------

    def beat(self, now: Millis) -> None:
        """Say what arrived when, and that we are still here; some ten times a second."""
        for message in self.arrivals.reports(OWN_SSRC, OWN_SSRC):
            self.send_rtcp(message)
        super().beat(now)

    def ask(self, track: Track, missing: list[int], key_frame: bool) -> None:
        """Ask for packets again, or for a picture that stands alone."""
        assert self.remote is not None
        ssrc = next(number for number, name in self.remote.slots.items() if name == track)
        message = rtcp.nack(OWN_SSRC, ssrc, missing) if missing else b""
        message += rtcp.key_frame_request(OWN_SSRC, ssrc) if key_frame else b""
        if message:
            self.send_rtcp(rtcp.receiver_report(OWN_SSRC, []) + message)
