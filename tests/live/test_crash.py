"""Whatever was acked is there after `kill -9`, once, in order, in an unbroken chain."""

from __future__ import annotations

import json
import multiprocessing
import random
from pathlib import Path
from typing import Any

import pytest

from server.clock import SystemClock
from server.db import Database, metadata
from server.streams import StreamId, Streams
from tests.components import free_port
from tests.live import crash_server
from tests.live.crash import Killable, crash
from tests.live.room import Tablet

PEOPLE = ["an", "binh", "cuc", "dung"]
STREAMS = ["meeting:1", "meeting:2"]


class Counters:
    """Two counters in a real process of their own."""

    def __init__(self, database: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = database
        # Forked from a process that has everything imported: a start takes milliseconds, and a kill is a real one.
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.live.crash_server"])

    async def start(self) -> Killable:
        return Process(self.context.Process(target=crash_server.serve, args=(self.database, self.port), daemon=True))

    async def tablet(self) -> Tablet:
        return await Tablet.open(self.url, origin=None)

    async def ticket(self, person: str) -> str:
        return person

    def streams(self, person: str) -> list[str]:
        return STREAMS

    def wish(self, person: str, number: int) -> tuple[str, dict[str, Any]]:
        return random.choice(STREAMS), {"type": "add", "amount": number}


class Process:
    """A started process."""

    def __init__(self, process: Any) -> None:
        self.process = process
        process.start()

    def kill(self) -> None:
        self.process.kill()
        self.process.join(5)
        assert self.process.exitcode is not None


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_fifty_kills_lose_nothing_that_was_acked_and_do_nothing_twice(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/crash.db"
    db = Database(url)
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    ledger = await crash(Counters(url), PEOPLE, rounds=50)
    ledger.check()
    assert ledger.rounds == 50 and ledger.resent > 20, "the kills hit nobody"
    streams = Streams(db, SystemClock())
    for name in STREAMS:
        stream = StreamId(name)
        assert await streams.verify(stream) is None
        entries = await streams.read(stream, 0, limit=1_000_000)
        assert [entry.version for entry in entries] == list(range(1, len(entries) + 1))
        done = {json.loads(bytes(entry.data))["of"]: entry.version for entry in entries}
        assert len(done) == len(entries), "something was done twice"
        acked = {wish.id: wish.answer["version"] for wish in ledger.acked() if wish.stream == name}
        assert acked.items() <= done.items()
        assert done.keys() <= {wish.id for wish in ledger.wishes}
        for person in PEOPLE:
            heard = {
                event["data"]["of"]: event["version"]
                for event in ledger.heard[person, name]
                if event["type"] != "snapshot"
            }
            assert heard.items() <= done.items()
    await db.close()
