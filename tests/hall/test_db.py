"""One database and many who write to it at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import func, select

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
