"""Many seeded runs of a house that is killed, frozen and cut off, each judged by all invariants of its history.

Part of `make soak`. Nothing is measured but whether every promise was kept; see `tests/live/history.py`. The runs go by
turns through SQLite with one web process, SQLite with two, and PostgreSQL with one and with two; whatever has more than
one process shares a Redis.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psycopg

from tests.components import find, postgres_server, redis_server
from tests.e2e.small import Furnished, small_house
from tests.live.mishaps import mishaps_of
from tests.live.runs import CLIENTS, Weather, survive

KINDS = (("sqlite", 1), ("postgresql", 2), ("sqlite", 2), ("postgresql", 1))


class Ground(msgspec.Struct, frozen=True):
    """Furnished houses to be copied, one in SQLite and one in PostgreSQL."""

    folder: Path
    lies: dict[str, Furnished]
    postgres: str
    redis: str


async def furnished(folder: Path, postgres: str, redis: str) -> Ground:
    """Both houses, closed."""
    lies = {}
    for kind, more in (("sqlite", {}), ("postgresql", {"DATABASE__URL": database(postgres, "furnished")})):
        (folder / kind).mkdir()
        async with small_house(folder / kind, **more) as house:
            lies[kind] = house.lies
    return Ground(folder, lies, postgres, redis)


def database(postgres: str, name: str, like: str = "template1") -> str:
    """A new database, a copy of another one; its URL."""
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    return f"{postgres.rpartition('/')[0]}/{name}"


@contextmanager
def dropped(postgres: str, name: str) -> Iterator[None]:
    """The database is gone after the block."""
    yield
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def one(seed: int, operations: int, ground: Ground) -> tuple[Counter[str], list[str]]:
    """One run: what befell the house, and what must not be."""
    kind, count = KINDS[seed % len(KINDS)]
    folder, name = ground.folder / f"run-{seed}", f"run_{seed}"
    shutil.copytree(ground.folder / kind, folder)
    shared = {"BUS__REDIS_URL": ground.redis} if count > 1 else {}
    weather = Weather(operations, kills=3, freezes=2, longest_freeze_s=2.0, exports=seed % 10 == 0)
    with dropped(ground.postgres, name):
        if kind == "postgresql":
            shared["DATABASE__URL"] = database(ground.postgres, name, "furnished")
            weather = msgspec.structs.replace(weather, mishaps=mishaps_of(shared["DATABASE__URL"], ground.redis))
        run, found = await survive(seed, weather, (folder, ground.lies[kind]), shared, count)
    shutil.rmtree(folder)
    return run.happened + Counter(records=len(run.records)), [f"{one.invariant}: {one.what}" for one in found]


async def soak(first: int, seeds: int, operations: int, minutes: float) -> int:
    """All of them, or as many as there is time for; how many broke a promise."""
    broken, until, befell = 0, time.monotonic() + minutes * 60, Counter[str]()
    redis, postgres = find("redis-server"), find("postgres")
    assert redis and postgres, "redis-server and postgresql are needed: make deps"
    with (
        tempfile.TemporaryDirectory(prefix="hopso-histories-") as folder,
        redis_server(redis) as redis_url,
        postgres_server(postgres) as postgres_url,
    ):
        ground = await furnished(Path(folder), postgres_url, redis_url)
        for seed in range(first, first + seeds):
            if time.monotonic() > until:
                break
            began = time.monotonic()
            happened, found = await one(seed, operations, ground)
            befell += happened + Counter(runs=1)
            broken += bool(found)
            kind, count = KINDS[seed % len(KINDS)]
            print(f"seed {seed}: {kind}, {count} process(es), {time.monotonic() - began:.1f} s, {len(found)} broken")
            print("".join(f"  {what[:400]}\n" for what in found[:20]), end="", flush=True)
    print(f"{befell['runs']} runs of {len(CLIENTS)} tablets, {operations} operations each; {broken} broke a promise")
    print(", ".join(f"{name}: {count}" for name, count in befell.items() if name != "runs"))
    return broken


def main() -> None:
    """Runs for as long as is asked for; the exit status says whether every promise was kept."""
    asked = argparse.ArgumentParser(prog="python -m bench.histories", description=__doc__.splitlines()[0])
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--seeds", type=int, default=1000)
    asked.add_argument("--operations", type=int, default=500)
    asked.add_argument("--minutes", type=float, default=24 * 60)
    wanted = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the servers it has begun end with it
    sys.exit(bool(asyncio.run(soak(wanted.first, wanted.seeds, wanted.operations, wanted.minutes))))


if __name__ == "__main__":
    main()
