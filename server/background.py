"""Work beside the requests of a process: what passes, and what must go on as long as the process does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger("hopso")


class Background:
    """All tasks of one process. A passing one that dies is logged; when a lasting one dies, the process is to end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()
        self._died: asyncio.Queue[asyncio.Task[object]] = asyncio.Queue(1)

    def begin(self, work: Coroutine[Any, Any, object]) -> None:
        """Do this once, some time."""
        self._begin(work).add_done_callback(self._passed)

    def keep(self, work: Coroutine[Any, Any, object]) -> None:
        """Do this until `close`."""
        self._begin(work).add_done_callback(self._broke)

    def _begin(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _passed(self, task: asyncio.Task[object]) -> None:
        if not task.cancelled() and task.exception() is not None:
            log.error("a background task died", exc_info=task.exception())

    def _broke(self, task: asyncio.Task[object]) -> None:
        if not task.cancelled() and task.exception() is not None and self._died.empty():
            self._died.put_nowait(task)

    async def broken(self) -> None:
        """Wait until lasting work has died, and raise what it died of: a process that lives on without it misleads."""
        (await self._died.get()).result()

    async def close(self) -> None:
        """End everything, and wait for it."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
