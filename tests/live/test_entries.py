"""A stream is read to its end, also where that is many pages away."""

from __future__ import annotations

from pathlib import Path

from server.clock import HeldClock
from server.db import Database, metadata
from server.entries import every_entry
from server.streams import Decision, NewEvent, StreamId, Streams, Turn

LONG = StreamId("counter:long")


async def test_all_of_a_stream_longer_than_a_page_is_read_in_order(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/hopso.db")
    async with db.writing() as connection:
        await connection.run_sync(metadata.create_all)
    streams = Streams(db, HeldClock(1_000))

    async def many(_turn: Turn) -> Decision:
        return Decision([NewEvent("counted", {"number": number}, "an") for number in range(6_001)])

    assert (await streams.perform(LONG, "an", "c-1", many)).ok
    assert len(await streams.read(LONG, 0)) == 5_000, "one page"
    async with db.reading() as connection:
        assert [entry.version async for entry in every_entry(connection, LONG)] == list(range(1, 6_002))
        assert [entry.version async for entry in every_entry(connection, LONG, 5_999)] == [6_000, 6_001]
        assert [entry async for entry in every_entry(connection, LONG, 6_001)] == []
    await streams.close()
    await db.close()
