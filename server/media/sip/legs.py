"""The gateway's connections: to Janus (so to the codec), and up to the forwarder. Down it is a recorder's session."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from server.clock import Clock
from server.media import rtcp, rtp
from server.media.dtls import Certificate
from server.media.peer import Peer
from server.media.rtp import Packet
from server.media.sip.terms import Terms

Heard = Callable[[str, Packet], None]
"""Told "audio" or "video" and the packet."""


class Leg(Peer):
    """A connection whose other side may ask for a picture that stands alone."""

    def __init__(self, clock: Clock, certificate: Certificate, asked: Callable[[], None]) -> None:
        super().__init__(clock, certificate)
        self.asked = asked

    def rtp(self, size: int) -> None:
        """Nothing is expected here."""

    def rtcp(self, data: bytes) -> None:
        with contextlib.suppress(ValueError):
            if any(isinstance(message, rtcp.KeyFrameRequest) for message in rtcp.parse(data)):
                self.asked()


class RoomLeg(Leg):
    """To Janus: what the codec says and shows comes in here."""

    def __init__(self, clock: Clock, certificate: Certificate, asked: Callable[[], None], heard: Heard) -> None:
        super().__init__(clock, certificate, asked)
        self.heard = heard
        self.terms: Terms | None = None
        self.heard_at = clock.now()
        self.picture_ssrc = 0

    def rtp(self, size: int) -> None:
        if self.terms is None:
            return
        try:
            header = rtp.parse(self.scratch.memory, size)
        except ValueError:
            return
        self.heard_at = self.clock.now()
        payload = bytes(self.scratch.memory[header.start : header.end])
        packet = Packet(header.sequence, header.timestamp, header.marker, payload, False, self.heard_at)
        if header.payload_type == self.terms.audio.payload_type:
            self.heard("audio", packet)
        elif self.terms.video is not None and header.payload_type == self.terms.video.payload_type:
            self.picture_ssrc = header.ssrc
            self.heard("video", packet)

    def rtcp(self, data: bytes) -> None:
        self.heard_at = self.clock.now()
        super().rtcp(data)
