"""One voice on its way through a gateway: packets in, a piece every 20 ms out, whatever the network does."""

from __future__ import annotations

from array import array
from collections import deque

from server.clock import Millis
from server.media.recorder.jitter import Jitter
from server.media.rtp import Packet
from server.media.sip.coding import QUIET, Ear

WAIT_MS = 60
"""How long a packet that was overtaken is waited for."""
AHEAD = 3
"""Pieces that must be there before the voice is (again) heard: 60 ms."""
MOST = 15
"""More than 300 ms behind, the oldest are dropped."""


class Voice:
    """Plays what arrives with a small delay that does not grow."""

    def __init__(self, name: str) -> None:
        self.ear = Ear(name)
        self.jitter = Jitter(WAIT_MS)
        self.pieces: deque[array[int]] = deque(maxlen=MOST)
        self.speaking = False

    def put(self, packet: Packet) -> None:
        """Take a packet as it came."""
        self.jitter.put(packet)

    def take(self, now: Millis) -> array[int]:
        """The next 20 ms; `QUIET` (the very object) where nothing is to be heard."""
        for packet in self.jitter.ready(now):
            if packet is not None and packet.payload:
                self.pieces.extend(self.ear.hear(packet.payload))
        self.speaking = len(self.pieces) >= (1 if self.speaking else AHEAD)
        return self.pieces.popleft() if self.speaking else QUIET
