"""A media process that is played: it says what a test wants to have observed, and forwards nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.media.control import Direction, Gone, Joined, Observation, Quality
from server.media.link import encode
from tests.e2e.house import RealHouse

WAYS: tuple[Direction, Direction] = ("up", "down")


class Media:
    """The other end of the control socket."""

    def __init__(self, meeting: str) -> None:
        self.meeting = meeting
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while await reader.read(65_536):
            pass

    def says(self, *observations: Observation) -> None:
        for writer in self.writers:
            writer.writelines(encode(one) for one in observations)

    def joins(self, *sites: str) -> None:
        for name in sites:
            self.says(*(Joined(self.meeting, name, f"{way}-{name}", way, "camera") for way in WAYS))

    def loses(self, *sites: str) -> None:
        for name in sites:
            self.says(*(Gone(self.meeting, name, f"{way}-{name}", way, "camera", "lost") for way in WAYS))

    def fares(self, name: str, loss: int = 2, rtt: int = 24, bps: int = 2_100_000, level: int = 60) -> None:
        """Its line is like this; `level` in dB above silence. Without a rate it sends no picture."""
        layers = ("l", "m", "h") if bps > 1_000_000 else ("l",) if bps > 100_000 else ()
        self.says(
            Quality(self.meeting, name, f"up-{name}", "up", "camera", loss, 0, bps, level=level, layers=layers),
            Quality(self.meeting, name, f"down-{name}", "down", "camera", 0, 0, 3_400_000, rtt_ms=rtt),
        )


@asynccontextmanager
async def media_of(house: RealHouse, meeting: str) -> AsyncIterator[Media]:
    media = Media(meeting)
    path = house.folder / "var/media.sock"
    server = await asyncio.start_unix_server(media.serve, path)
    async with asyncio.timeout(60):
        while not media.writers:
            await asyncio.sleep(0.1)
    yield media
    server.close()
    for writer in media.writers:
        writer.close()
