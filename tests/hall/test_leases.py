"""Leases: one holder at a time, renewed by the living, free again after the dead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server import leases as foundation
from server.clock import HeldClock
from server.db import Database
from server.leases import LEASE_MS, Leases, leases


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path}/test.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("fresh_postgres_url")
    database = Database(url)
    async with database.writing() as connection:
        await connection.run_sync(leases.create)
    yield database
    await database.close()


async def test_of_many_who_ask_at_once_one_gets_it(db: Database) -> None:
    clock = HeldClock()
    asked = await asyncio.gather(*(Leases(db, clock, f"process {n}").take("paper:1") for n in range(8)))
    assert sorted(asked) == [False] * 7 + [True]


async def test_the_holder_may_renew_it_and_nobody_else_may_take_it(db: Database) -> None:
    clock = HeldClock()
    east, west = Leases(db, clock, "east"), Leases(db, clock, "west")
    assert await east.take("paper:1")
    clock.advance(LEASE_MS - 1)
    assert await east.take("paper:1")
    clock.advance(LEASE_MS - 1)
    assert not await west.take("paper:1")
    assert await west.take("paper:2")


async def test_what_is_not_renewed_is_abandoned_and_free(db: Database) -> None:
    clock = HeldClock()
    east, west = Leases(db, clock, "east"), Leases(db, clock, "west")
    await east.take("paper:1")
    await east.take("pap%r:2")
    assert await west.abandoned("paper:") == []
    clock.advance(LEASE_MS + 1)
    assert await west.abandoned("paper:") == ["paper:1"]
    assert await west.abandoned("pap%") == ["pap%r:2"]
    assert await west.take("paper:1")
    assert not await east.take("paper:1")


async def test_nobody_gives_back_what_another_holds(db: Database) -> None:
    east, west = Leases(db, HeldClock(), "east"), Leases(db, HeldClock(), "west")
    await east.take("paper:1")
    await west.give_back("paper:1")
    assert not await west.take("paper:1")
    await east.give_back("paper:1")
    assert await west.take("paper:1")


async def test_it_is_renewed_while_the_work_lasts_and_given_back_after_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foundation, "RENEW_EVERY_S", 0.01)
    clock = HeldClock()
    east, west = Leases(db, clock, "east"), Leases(db, clock, "west")
    async with east.held("paper:1") as ours:
        assert ours
        clock.advance(LEASE_MS + 1)
        async with asyncio.timeout(60):
            while await west.abandoned("paper:"):
                await asyncio.sleep(0.01)
        async with west.held("paper:1") as theirs:
            assert not theirs
    assert await west.take("paper:1")


async def test_work_that_fails_gives_it_back(db: Database) -> None:
    east, west = Leases(db, HeldClock(), "east"), Leases(db, HeldClock(), "west")
    with pytest.raises(ValueError, match="torn"):
        async with east.held("paper:1"):
            raise ValueError("torn")
    assert await west.take("paper:1")
