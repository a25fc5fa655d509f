"""One database and many who write to it at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from server.db import Database
from server.streams import GENESIS, streams


async def test_of_many_who_write_at_once_nobody_is_refused_and_nobody_waits_for_the_file(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/many.db", busy_timeout_ms=0)
    async with db.writing() as connection:
        await connection.run_sync(streams.create)

    async def write(number: int) -> None:
        async with db.writing() as connection:
            await connection.execute(streams.insert().values(stream=f"s{number}", version=0, head=GENESIS))

    await asyncio.gather(*(write(number) for number in range(50)))
    async with db.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(streams))).scalar_one() == 50
    await db.close()


async def test_each_statement_goes_to_the_thread_of_its_connection_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits: list[object] = []
    visit = aiosqlite.Connection._execute

    async def counted(connection: Any, done: object, *more: object) -> Any:
        visits.append(done)
        return await visit(connection, done, *more)

    db = Database(f"sqlite+aiosqlite:///{tmp_path}/visits.db")
    async with db.writing() as connection:
        await connection.run_sync(streams.create)
    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    async with db.writing() as connection:
        visits.clear()
        rows = [{"stream": f"s{number}", "version": number, "head": GENESIS} for number in range(3)]
        await connection.execute(streams.insert(), rows)
        found = await connection.execute(select(streams.c.stream).order_by(streams.c.version.desc()))
        assert list(found.scalars()) == ["s2", "s1", "s0"]
        assert len(visits) == 2
    await db.close()


async def test_what_a_statement_changed_and_gave_back_is_told(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/told.db")
    rows = [{"stream": name, "version": 0, "head": GENESIS} for name in "abc"]
    async with db.writing() as connection:
        await connection.run_sync(streams.create)
        await connection.execute(streams.insert(), rows)
        await connection.execute(db.insert_or_ignore(streams, [rows[0]]))
        for version in (1, 2):  # the statement of the first is used again
            await connection.execute(db.upsert(streams, [{**rows[1], "version": version}]))
        assert (await connection.execute(select(streams.c.version).where(streams.c.stream == "b"))).scalar_one() == 2
        gone = await connection.execute(delete(streams).where(streams.c.stream == "a").returning(streams.c.head))
        assert gone.scalar_one() == GENESIS
        assert (await connection.execute(delete(streams))).rowcount == 2
        with pytest.raises(IntegrityError):
            await connection.execute(streams.insert(), [rows[0], rows[0]])
        assert (await connection.execute(select(streams))).first() is not None, "the connection goes on after a mistake"
    await db.close()
