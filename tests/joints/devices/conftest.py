"""The small house of the end-to-end tests with a media process, an encoder and a player."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from server.config import MediaSettings
from server.media import process
from server.media.dtls import Certificate
from tests.e2e.conftest import furnished, made_once, small
from tests.e2e.small import SmallHouse

__all__ = ["furnished", "made_once", "small"]


@pytest.fixture
async def hall(small: SmallHouse) -> AsyncIterator[SmallHouse]:
    """The small house, with a media process on loopback."""
    control = small.house.settings.media.control_socket
    task = asyncio.create_task(process.run(MediaSettings(control_socket=control, host="127.0.0.1", port=0)))
    await asyncio.wait_for(small.house.conferences.up.wait(), 20)
    yield small
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Encoder:
    """FFmpeg's own WHIP muxer in a process of its own, with a picture of one colour and a tone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.child: asyncio.subprocess.Process | None = None

    async def start(self, address: str, token: str) -> None:
        made = Certificate().value
        certificate, key = self.folder / "encoder.pem", self.folder / "encoder.key"
        assert isinstance(made._cert, x509.Certificate)
        certificate.write_bytes(made._cert.public_bytes(Encoding.PEM))
        key.write_bytes(made._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        program = str(Path(__file__).with_name("encoder.py"))
        words = [address, token, str(certificate), str(key)]
        self.child = await asyncio.create_subprocess_exec(
            sys.executable, program, *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )

    async def ends(self) -> str:
        """Tell it to stop, if it has not by itself; what it said last."""
        assert self.child is not None
        said, _ = await asyncio.wait_for(self.child.communicate(b"\n"), 20)
        return said.decode()


@pytest.fixture
async def encoder(tmp_path: Path) -> AsyncIterator[Encoder]:
    """An encoder that has not begun yet."""
    made = Encoder(tmp_path)
    yield made
    if made.child is not None and made.child.returncode is None:
        made.child.kill()
        await made.child.wait()


class Player:
    """A WHEP player made of aiortc: three voices, the stage and the shared screen, all decoded."""

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

    async def heard(self) -> int:
        """Waits for sound as loud as a voice; how loud it is."""
        while True:
            frame = await self._of("audio").recv()
            loudest = max(map(abs, memoryview(bytes(frame.planes[0])).cast("h")))
            if loudest > 4_000:
                return loudest

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
