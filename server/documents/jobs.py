"""Which papers this process works on. Of several processes one works on each paper; when it dies, another does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from server.documents.papers import PaperId
from server.leases import Leases

log = logging.getLogger("hopso.documents")

LEASE = "paper:"
LOOK_EVERY_S = 5.0
"""How often a process looks for papers nobody works on."""

Work = Callable[[PaperId], Awaitable[None]]
Waiting = Callable[[], Awaitable[Iterable[PaperId]]]
"""The papers whose newest file is not prepared yet, whoever works on them."""


class Jobs:
    """Work on papers, one job for each, under the paper's lease."""

    def __init__(self, leases: Leases, work: Work, waiting: Waiting) -> None:
        self.leases = leases
        self.work = work
        self.waiting = waiting
        self._running: dict[PaperId, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on take up what other processes leave behind."""
        self._looking = asyncio.create_task(self._look(), name="papers left behind")

    async def close(self) -> None:
        """Stop all jobs; they are taken up again, here or elsewhere."""
        tasks = [*self._running.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until this process works on nothing."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    def begin(self, paper: PaperId) -> None:
        """Work on this paper, from the beginning if that is being done already."""
        before = self._running.get(paper)
        self._running[paper] = asyncio.create_task(self._run(paper, before), name=f"paper {paper}")

    async def _run(self, paper: PaperId, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            # A newer file takes the place of one that is still being prepared.
            before.cancel()
            await asyncio.gather(before, return_exceptions=True)
        try:
            async with self.leases.held(LEASE + paper) as ours:
                if ours:
                    await self.work(paper)
        except Exception:
            log.exception("paper %s", paper)
        finally:
            if self._running.get(paper) is asyncio.current_task():
                del self._running[paper]

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                left = [PaperId(name.removeprefix(LEASE)) for name in await self.leases.abandoned(LEASE)]
                for paper in {*left, *await self.waiting()} - self._running.keys():
                    self.begin(paper)
            except Exception:
                log.exception("cannot look for papers left behind; trying again")
