"""How fast one socket may ask, and in what order it is served."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec

log = logging.getLogger("hopso.live")

Job = Callable[[], Awaitable[None]]


class Pace(msgspec.Struct, frozen=True):
    """So many a second on average, so many at once."""

    per_second: float
    burst: int


class Bucket:
    """A token bucket: full at first, refilled at the pace, one token an ask."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.tokens = float(pace.burst)
        self.asked_at = 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed at `now` (seconds of a steady clock)."""
        earned = (now - self.asked_at) * self.pace.per_second
        self.tokens = min(self.pace.burst, self.tokens + max(0.0, earned))
        self.asked_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Lane:
    """Jobs done one after the other, in the order they came, at most `longest` of them waiting.

    A socket's commands run in a lane, so that none overtakes another, while its reader is free for pings.
    """

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self._jobs: deque[Job] = deque()
        self._runner: asyncio.Task[None] | None = None

    def put(self, job: Job) -> bool:
        """Queue a job; False when the lane is full. Jobs do not raise: they answer."""
        if len(self._jobs) >= self.longest:
            return False
        self._jobs.append(job)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run(), name="lane")
        return True

    def clear(self) -> None:
        """Forget what waits; the job at work is finished."""
        self._jobs.clear()

    async def finish(self) -> None:
        """Forget what waits, and wait for the job at work."""
        self.clear()
        if self._runner is not None:
            await asyncio.shield(self._runner)

    async def _run(self) -> None:
        try:
            while self._jobs:
                await _done(self._jobs.popleft())
        finally:
            self._runner = None


async def _done(job: Job) -> None:
    try:
        await job()
    except Exception:
        log.exception("a job in a lane raised")
