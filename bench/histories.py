"""Many seeded runs of a house that is killed, frozen and cut off, each judged by all invariants of its history.

Part of `make soak`. Nothing is measured but whether every promise was kept; see `tests/live/history.py`. The runs go by
turns through SQLite with one web process, SQLite with two, and PostgreSQL with one and with two; whatever has more than
one process shares a Redis. Several runs go on at once, each in a worker of its own: much of a run is waiting.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import msgspec
import psycopg

from server.supervisor import end_with_parent
from tests.components import find, postgres_server, redis_server
from tests.e2e.small import Furnished, small_house
from tests.live.mishaps import mishaps_of
from tests.live.runs import CLIENTS, FORKS, Weather, survive

KINDS = (("sqlite", 1), ("postgresql", 2), ("sqlite", 2), ("postgresql", 1))
OWN_REDIS = "HOPSO_HISTORIES_REDIS"
"""Where a worker finds the URL of its own Redis: what befalls it befalls no other run."""


class Ground(msgspec.Struct, frozen=True):
    """Furnished houses to be copied, one in SQLite and one in PostgreSQL."""

    folder: Path
    lies: dict[str, Furnished]
    postgres: str


class Judged(msgspec.Struct, frozen=True):
    """One run: what befell the house, and what must not be."""

    seed: int
    took_s: float
    happened: Counter[str]
    broken: list[str]


async def furnished(folder: Path, postgres: str) -> Ground:
    """Both houses, closed."""
    lies = {}
    for kind, more in (("sqlite", {}), ("postgresql", {"DATABASE__URL": database(postgres, "furnished")})):
        (folder / kind).mkdir()
        async with small_house(folder / kind, **more) as house:
            lies[kind] = house.lies
    return Ground(folder, lies, postgres)


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
    folder, name, redis = ground.folder / f"run-{seed}", f"run_{seed}", os.environ[OWN_REDIS]
    shutil.copytree(ground.folder / kind, folder)
    shared = {"BUS__REDIS_URL": redis} if count > 1 else {}
    weather = Weather(operations, kills=3, freezes=2, longest_freeze_s=2.0, exports=seed % 10 == 0)
    with dropped(ground.postgres, name):
        if kind == "postgresql":
            shared["DATABASE__URL"] = database(ground.postgres, name, "furnished")
            weather = msgspec.structs.replace(weather, mishaps=mishaps_of(shared["DATABASE__URL"], redis))
        run, found = await survive(seed, weather, (folder, ground.lies[kind]), shared, count)
    shutil.rmtree(folder)
    return run.happened + Counter(records=len(run.records)), [f"{one.invariant}: {one.what}" for one in found]


def begin_worker(redis_urls: SimpleQueue[str]) -> None:
    """A process that runs one seed after the other, and ends with the one that has begun it."""
    end_with_parent(os.getppid())
    os.environ[OWN_REDIS] = redis_urls.get()


def judge(seed: int, operations: int, ground: Ground) -> Judged:
    """One run in a worker, from its first line to the verdict."""
    began = time.monotonic()
    try:
        happened, broken = asyncio.run(one(seed, operations, ground))
    except Exception:
        happened, broken = Counter[str](), [f"did not come to its end: {traceback.format_exc()[-2000:]}"]
        broken += _incidents(ground.folder / f"run-{seed}" / "web.log")
    return Judged(seed, time.monotonic() - began, happened, broken)


def _incidents(log: Path) -> list[str]:
    """What the web processes wrote down of their own mistakes."""
    written = log.read_text(errors="replace") if log.exists() else ""
    return [f"incident{told[-1900:]}" for told in re.split(r"^incident", written, flags=re.MULTILINE)[1:]]


class Soak:
    """All the runs, so many at once; how they went."""

    def __init__(self, asked: argparse.Namespace, ground: Ground) -> None:
        self.asked = asked
        self.ground = ground
        self.until = time.monotonic() + asked.minutes * 60
        self.befell: Counter[str] = Counter()
        self.broken: list[int] = []

    def runs(self, redis_urls: SimpleQueue[str]) -> None:
        """As many as are asked for, or as there is time for."""
        seeds = iter(range(self.asked.first, self.asked.first + self.asked.seeds))
        running: set[Future[Judged]] = set()
        with ProcessPoolExecutor(self.asked.at_once, FORKS, begin_worker, (redis_urls,)) as pool:
            while True:
                while len(running) < self.asked.at_once and (seed := self._next(seeds)) is not None:
                    running.add(pool.submit(judge, seed, self.asked.operations, self.ground))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for each in done:
                    self._note(each.result())

    def _next(self, seeds: Iterator[int]) -> int | None:
        return next(seeds, None) if time.monotonic() < self.until else None

    def _note(self, run: Judged) -> None:
        self.befell += run.happened + Counter(runs=1)
        if run.broken:
            self.broken.append(run.seed)
        kind, count = KINDS[run.seed % len(KINDS)]
        print(f"seed {run.seed}: {kind}, {count} process(es), {run.took_s:.1f} s, {len(run.broken)} broken")
        print("".join(f"  {what[:2000]}\n" for what in run.broken[:20]), end="", flush=True)

    def sums_up(self) -> None:
        """How many there were, and which seeds broke a promise."""
        runs, took_s = self.befell.pop("runs", 0), self.asked.minutes * 60 - (self.until - time.monotonic())
        named = f": seeds {', '.join(map(str, sorted(self.broken)))}" if self.broken else ""
        each = f"{len(CLIENTS)} tablets, {self.asked.operations} operations each, {took_s / max(1, runs):.1f} s a run"
        print(f"{runs} runs of {each}; {len(self.broken)} broke a promise{named}")
        print(", ".join(f"{name}: {count}" for name, count in self.befell.items()))


def soak(asked: argparse.Namespace) -> bool:
    """All of it; whether every promise was kept."""
    redis, postgres = find("redis-server"), find("postgres")
    assert redis and postgres, "redis-server and postgresql are needed: make deps"
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hopso-histories-"))
        ground = asyncio.run(furnished(Path(folder), stack.enter_context(postgres_server(postgres))))
        redis_urls: SimpleQueue[str] = FORKS.SimpleQueue()
        for _ in range(asked.at_once):
            redis_urls.put(stack.enter_context(redis_server(redis)))
        every = Soak(asked, ground)
        every.runs(redis_urls)
    every.sums_up()
    return not every.broken


def main() -> None:
    """Runs for as long as is asked for; the exit status says whether every promise was kept."""
    asked = argparse.ArgumentParser(prog="python -m bench.histories", description=__doc__.splitlines()[0])
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--seeds", type=int, default=1000)
    asked.add_argument("--operations", type=int, default=500)
    asked.add_argument("--minutes", type=float, default=24 * 60)
    asked.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="runs that go on side by side")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the servers it has begun end with it
    sys.exit(not soak(asked.parse_args()))


if __name__ == "__main__":
    main()
