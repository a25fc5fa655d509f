"""The small house of the end-to-end tests with a media process and an encoder."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from server.config import MediaSettings
from server.media import process
from server.media.dtls import Certificate
from tests.e2e.conftest import furnished, made_once, small
from tests.e2e.small import SmallHouse
from tests.media.player import player

__all__ = ["furnished", "made_once", "player", "small"]


@pytest.fixture
async def hall(small: SmallHouse) -> AsyncIterator[SmallHouse]:
    """The small house, with a media process on loopback."""
    control = small.house.settings.media.control_socket
    task = asyncio.create_task(process.run(MediaSettings(control_socket=control, host="127.0.0.1", port=0)))
    await asyncio.wait_for(small.house.conferences.up.wait(), 60)
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
        said, _ = await asyncio.wait_for(self.child.communicate(b"\n"), 60)
        return said.decode()


@pytest.fixture
async def encoder(tmp_path: Path) -> AsyncIterator[Encoder]:
    """An encoder that has not begun yet."""
    made = Encoder(tmp_path)
    yield made
    if made.child is not None and made.child.returncode is None:
        made.child.kill()
        await made.child.wait()
