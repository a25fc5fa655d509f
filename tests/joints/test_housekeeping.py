"""What must be done from time to time goes on, whatever failed once."""

from __future__ import annotations

import asyncio

import pytest

from server import app
from server.errors import Unavailable
from tests.e2e.small import SmallHouse


async def test_a_database_that_is_away_for_a_moment_does_not_end_the_housekeeping(
    small: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "HOUSEKEEPING_S", 0.01)
    house, tries, honest = small.house, list[int](), small.house.doors.sweep
    swept = asyncio.Event()

    async def sweep() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("storage.away")
        await honest()
        swept.set()

    monkeypatch.setattr(house.doors, "sweep", sweep)
    keeping, waiting = asyncio.create_task(house._keep_house()), asyncio.create_task(swept.wait())
    await asyncio.wait({keeping, waiting}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    assert swept.is_set()
    for task in (keeping, waiting):
        task.cancel()
    await asyncio.gather(keeping, waiting, return_exceptions=True)
