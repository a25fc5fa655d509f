"""Living workers, few at a time: who reads now goes before who may read later."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from server.clock import Clock, Millis
from server.config import DocumentSettings
from server.documents.papers import VersionId
from server.documents.sandbox import Limits, Session

READER, PREPARATION, AHEAD = 0, 1, 2
"""Whose turn comes first: somebody waits for this page; a paper waits to appear; pages rendered ahead."""
IDLE_S = 60.0
MOST_REQUESTS = 1000
"""Then a worker is replaced, long before its CPU time (600 s) runs out in somebody's face."""


class Slots:
    """A few places, given to the lowest number first and then in the order of asking."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._order = itertools.count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def at(self, priority: int) -> AsyncIterator[None]:
        """A place, held until the `with` ends."""
        await self._take(priority)
        try:
            yield
        finally:
            self._give()

    async def _take(self, priority: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give()
            raise

    def _give(self) -> None:
        while self._waiting:
            *_, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class Renderers:
    """At most one living worker per version, at most `keep` of them; idle ones are ended after a minute."""

    def __init__(self, settings: DocumentSettings, clock: Clock, keep: int = 4) -> None:
        self.work = settings.work_folder
        self.slots = Slots(settings.workers)
        self.memory_mb = settings.worker_memory_mb
        self.timeout_s = settings.render_timeout_s
        self.clock = clock
        self.keep = keep
        self._sessions: dict[VersionId, Session] = {}
        self._used: dict[VersionId, Millis] = {}
        self._opening = asyncio.Lock()
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self, file: Path) -> Session:
        """A fresh worker for a file; the caller closes it, or hands it over with `adopt`."""
        # Ten minutes of CPU are 2,000 pages at 0.3 s; each single request has its own wall clock.
        return await Session.open(self.work, file, Limits(self.memory_mb, cpu_s=600))

    def adopt(self, version: VersionId, session: Session) -> None:
        """Keep a worker that already has this version open."""
        self._sessions[version] = session
        self._used[version] = self.clock.now()
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.create_task(self._sweep(), name="idle document workers")

    def keeps(self, session: Session) -> bool:
        """Is this worker ours to end?"""
        return session in self._sessions.values()

    @asynccontextmanager
    async def using(self, version: VersionId, file: Path, priority: int) -> AsyncIterator[Session]:
        """The worker of this version, when its turn comes."""
        async with self.slots.at(priority):
            session = await self._session(version, file)
            async with session.turn:
                self._used[version] = self.clock.now()
                yield session
                if self._sessions.get(version) is session:
                    self._used[version] = self.clock.now()

    async def ask(self, session: Session, operation: str, **arguments: Any) -> dict[str, Any]:
        """One request within the render timeout."""
        return await session.ask(operation, self.timeout_s, **arguments)

    async def end(self, version: VersionId) -> None:
        """End the worker of this version, whatever it is doing."""
        await self._end(version)

    async def close(self) -> None:
        """End all workers."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        for version in list(self._sessions):
            await self._end(version)

    async def _session(self, version: VersionId, file: Path) -> Session:
        async with self._opening:
            session = self._sessions.get(version)
            if session is not None and session.asked >= MOST_REQUESTS and not session.busy:
                await self._end(version)
            if session is None or session.ended:
                while len(self._sessions) >= self.keep and (idle := self._longest_idle()):
                    await self._end(idle)
                session = await self.open(file)
                self.adopt(version, session)
        return session

    def _longest_idle(self) -> VersionId | None:
        idle = [version for version, session in self._sessions.items() if not session.busy]
        return min(idle, key=self._used.__getitem__, default=None)

    async def _sweep(self) -> None:
        while self._sessions:
            await asyncio.sleep(IDLE_S / 4)
            for version, session in list(self._sessions.items()):
                if session.ended or (not session.busy and self.clock.now() - self._used[version] > IDLE_S * 1000):
                    await self._end(version)

    async def _end(self, version: VersionId) -> None:
        session = self._sessions.pop(version, None)
        self._used.pop(version, None)
        if session is not None:
            await session.close()
