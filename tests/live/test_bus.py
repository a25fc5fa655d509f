"""Two web processes and the doorbell between them; the Redis is real."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from server.bus import LocalBus, RedisBus
from server.callers import Limits
from tests.live.room import MEETING, House, house

pytestmark = pytest.mark.slow

QUICK = Limits(heads_every_s=0.1)


@asynccontextmanager
async def two_houses(folder: Path, url: str) -> AsyncIterator[tuple[House, House]]:
    """Two processes' worth of server over one database, each with its own connection to Redis."""
    async with AsyncExitStack() as stack:
        built = [await stack.enter_async_context(house(folder, RedisBus(url), QUICK)) for _ in range(2)]
        yield built[0], built[1]


async def test_what_is_committed_in_one_process_is_heard_in_the_other_in_order(tmp_path: Path, redis_url: str) -> None:
    async with two_houses(tmp_path, redis_url) as (east, west):
        an, binh = await east.following("an"), await west.following("binh")

        async def busy(built: House) -> None:
            for _ in range(40):
                await built.add()

        await asyncio.gather(busy(east), busy(west))
        await asyncio.gather(an.until_version(80), binh.until_version(80))
        assert an.versions() == binh.versions() == list(range(1, 81))


async def test_the_doorbell_alone_brings_an_event_without_any_polling(tmp_path: Path, redis_url: str) -> None:
    async with AsyncExitStack() as stack:
        east = await stack.enter_async_context(house(tmp_path, RedisBus(redis_url), Limits(heads_every_s=3600)))
        west = await stack.enter_async_context(house(tmp_path, RedisBus(redis_url), Limits(heads_every_s=3600)))
        binh = await west.following("binh")
        for number in range(1, 6):
            await east.add()
            await binh.until_version(number)


async def test_hidden_events_are_hidden_in_the_other_process_too(tmp_path: Path, redis_url: str) -> None:
    async with two_houses(tmp_path, redis_url) as (east, west):
        an, binh = await east.following("an"), await west.following("binh")
        await an.command("whisper", to=["an"], text="riêng")
        await binh.until_version(1)
        assert binh.events == [{"stream": MEETING, "version": 1, "type": "hidden"}]


async def test_statuses_hints_and_goodbyes_reach_the_other_process(tmp_path: Path, redis_url: str) -> None:
    async with two_houses(tmp_path, redis_url) as (east, west):
        an, binh = await east.following("an"), await west.following("binh", session="binh's")
        east.live.status(MEETING, "turnout", 7)
        await binh.until(lambda: binh.status("turnout") == 7)
        await binh.hint("ink", 5)
        await an.until(lambda: an.hints != [])
        assert an.hints == [[{"stream": MEETING, "type": "ink", "by": "binh", "data": 5}]]
        assert binh.hints == []
        east.live.expel("binh's", "revoked")
        await asyncio.wait_for(binh.ended.wait(), 60)
        assert binh.status("goodbye") == {"reason": "revoked"}


async def test_a_process_that_comes_later_learns_the_statuses_that_hold(tmp_path: Path, redis_url: str) -> None:
    async with house(tmp_path, RedisBus(redis_url), QUICK) as east:
        east.live.status(MEETING, "turnout", 7)
        async with house(tmp_path, RedisBus(redis_url), QUICK) as west:
            binh = await west.following("binh")
            await binh.until(lambda: binh.status("turnout") == 7)


async def test_flushing_redis_and_cutting_every_connection_loses_nothing(tmp_path: Path, redis_url: str) -> None:
    async with two_houses(tmp_path, redis_url) as (east, west), Redis.from_url(redis_url) as redis:
        binh = await west.following("binh")
        for number in range(30):
            if number % 10 == 5:
                await redis.flushall()
                await redis.client_kill_filter(_type="pubsub")
            await east.add()
        await binh.until_version(30)
        assert binh.versions() == list(range(1, 31))


async def test_without_redis_a_process_works_and_the_others_follow_by_polling(tmp_path: Path) -> None:
    nowhere = "redis://127.0.0.1:1/0"
    async with two_houses(tmp_path, nowhere) as (east, west):
        binh = await west.following("binh")
        an = await east.following("an")
        assert (await an.command())["ok"]
        await an.until_version(1)
        await binh.until_version(1)


def test_one_process_alone_never_imports_redis() -> None:
    script = "import sys, server.bus; server.bus.LocalBus(); print('redis' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False"
    assert LocalBus.is_shared is False
