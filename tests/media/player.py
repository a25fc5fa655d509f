"""A WHEP player made of aiortc: three voices, the stage and the shared screen, all decoded."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack


class Player:
    """One player; wait for it in a timeout."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.tracks: list[MediaStreamTrack] = []
        self.connection.on("track", self.tracks.append)
        for kind in ("audio", "audio", "audio", "video", "video"):
            self.connection.addTransceiver(kind, direction="recvonly")

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def _of(self, kind: str) -> MediaStreamTrack:
        return next(one for one in self.tracks if one.kind == kind)

    async def heard(self) -> None:
        """Waits for sound as loud as a voice."""
        while True:
            frame = await self._of("audio").recv()
            if max(map(abs, memoryview(bytes(frame.planes[0])).cast("h"))) > 4_000:
                return

    async def seen(self) -> tuple[int, int, int]:
        """Waits for a picture of the stage: its width, its height, how bright it is."""
        frame = await self._of("video").recv()
        return frame.width, frame.height, bytes(frame.planes[0])[frame.planes[0].line_size * 20 + 20]


@pytest.fixture
async def player(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Player]:
    """A player on loopback, which aioice leaves out of its own accord."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    made = Player()
    yield made
    await made.connection.close()
