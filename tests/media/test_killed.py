"""Real media processes, killed: their people are moved to another one and hear again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from server.config import MediaSettings
from server.errors import Problem
from server.media.control import Gone, process_of
from tests.media.conftest import House, Screen, Site, until
from tests.media.processes import Processes

ONE_EACH = 3
HEARD_WITHIN_S = 5.0


@pytest.fixture
async def spread(tmp_path: Path) -> AsyncIterator[Processes]:
    """Three processes, each full with one receiver."""
    settings = MediaSettings(control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0, processes=3)
    running = Processes(settings, full=ONE_EACH)
    await running.start_media()
    running.tasks.append(asyncio.create_task(running.web.run()))
    await until(lambda: all(one.peer for one in running.web.processes))
    yield running
    await running.close()


Came = TypeVar("Came", Site, Screen)


async def come_back(house: House, name: str, come: Callable[[str], Awaitable[Came]], known: int) -> Came:
    """As a browser does: once it hears that its session is gone, it opens another one, and tries again."""
    await until(lambda: [one for one in house.of(Gone)[known:] if one.endpoint == name])  # type: ignore[attr-defined]
    while True:
        with contextlib.suppress(Problem, ConnectionError, TimeoutError):
            return await come(name)
        await asyncio.sleep(0.1)


@pytest.mark.house
async def test_whoever_was_with_a_killed_process_hears_again_within_five_seconds_and_the_others_go_on(
    spread: Processes,
) -> None:
    spread.admit("a", "b", "c", "d", stage="a")
    site = await spread.publish("a")
    at_home, at_edge, at_third = [await spread.watch(name) for name in "bcd"]
    await until(lambda: all(one.saw(b"A") for one in (at_home, at_edge, at_third)), lambda: site.voice(b"A"))

    # An edge: one is moved, nobody else notices.
    spread.kill(at_edge.peer.session)
    async with asyncio.timeout(HEARD_WITHIN_S):
        moved = await come_back(spread, "c", spread.watch, 0)
        everybody = (moved, at_home, at_third)
        await until(lambda: all(one.saw(b"moved") for one in everybody), lambda: site.voice(b"moved"))
    assert {one.endpoint for one in spread.of(Gone)} == {"c"}  # type: ignore[attr-defined]

    # The home: the other process carries everything; whoever receives there stays.
    before = len(spread.of(Gone))
    stays = [one for one in (moved, at_third) if process_of(one.peer.session) != process_of(site.peer.session)]
    lost = [name for name, one in (("b", at_home), ("c", moved), ("d", at_third)) if one not in stays]
    spread.kill(site.peer.session)
    async with asyncio.timeout(HEARD_WITHIN_S):
        again = await come_back(spread, "a", spread.publish, before)
        screens = [await come_back(spread, name, spread.watch, before) for name in lost]
        everybody = [*stays, *screens]
        await until(lambda: all(one.saw(b"back") for one in everybody), lambda: again.voice(b"back"))
    assert len(everybody) == 3 and stays
