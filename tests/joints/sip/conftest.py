"""The small house of the end-to-end tests, and a switchboard that writes down what it is told and calls nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import msgspec
import pytest

from server.media.link import Listener
from server.media.sip.words import FromWeb, Line, Standing, Wanted, decode_from_web
from server.people.registry.sites import RegisteredSite
from tests.e2e.conftest import furnished, made_once
from tests.e2e.small import MEETING, SITE, Furnished, SmallHouse, small_house

__all__ = ["furnished", "made_once"]

ADDRESS = "sip:phonghop@192.0.2.44"


class Board(Listener[FromWeb]):
    """It is ready for calls."""

    def __init__(self) -> None:
        super().__init__("sip", decode_from_web)
        self.wanted = Wanted(MEETING)

    def standing(self) -> Iterable[msgspec.Struct]:
        return (Standing("ready", "192.0.2.9:5060"),)

    def heed(self, word: FromWeb, writer: asyncio.StreamWriter) -> None:
        self.wanted = word

    async def wants(self, good: Callable[[Line | None], bool]) -> None:
        """Wait until what is wanted of the meeting's site is as it should be."""
        async with asyncio.timeout(60):
            while not good(self.wanted.lines[0] if self.wanted.lines else None):
                await asyncio.sleep(0.01)


@pytest.fixture
async def small(furnished: tuple[Path, Furnished]) -> AsyncIterator[SmallHouse]:
    """A small house with codecs, whose site's codec is in the registry."""
    folder, lies = furnished
    more = {"SIP__ENABLED": "true", "SIP__CONTROL_SOCKET": str(folder / "sip.sock")}
    async with small_house(folder, lies, **more) as house:
        site = RegisteredSite(SITE, "ubnd", "Điểm cầu xã", codec=ADDRESS.removeprefix("sip:"))
        await house.house.registry.bring_in([site])
        yield house


@pytest.fixture
async def board(small: SmallHouse) -> AsyncIterator[Board]:
    """A switchboard that the house has found."""
    made = Board()
    server = await asyncio.start_unix_server(made.serve, small.house.settings.sip.control_socket)
    async with asyncio.timeout(60):
        while small.house.sip.standing.readiness != "ready":
            await asyncio.sleep(0.01)
    yield made
    made.hang_up()
    server.close()
