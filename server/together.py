"""Asking together: those who ask while others are being answered are answered next, all of them at once.

When a thousand tablets come back in the same second, each of their questions to the database costs a transaction; asked
together they cost a few.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")

LARGEST_BATCH = 500


class Together(Generic[Asked, Found]):
    """One kind of question. `answer` gets several, in the order in which they were asked, and answers each.

    An answer is begun after all its questions were asked: nobody is told what was so before. What `answer` raises is
    raised to all whose questions it had. As long as several ask at once, the next of them are waited for, `gather_s`
    seconds: a crowd costs less in a few large batches than in many small ones. Whoever asks alone never waits.
    """

    def __init__(self, answer: Callable[[Sequence[Asked]], Awaitable[Sequence[Found]]], gather_s: float = 0.0) -> None:
        self._answer = answer
        self._gather_s = gather_s
        self._waiting: list[tuple[Asked, asyncio.Future[Found]]] = []
        self._answering: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Found:
        """The answer to one question."""
        answered: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answered))
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer_all(), name="together")
        return await answered

    async def _answer_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
            try:
                found = await self._answer([asked for asked, _ in batch])
            except Exception as error:
                for answered in _still_waiting(batch):
                    answered.set_exception(error)
            else:
                given = dict(zip((answered for _, answered in batch), found, strict=True))
                for answered in _still_waiting(batch):
                    answered.set_result(given[answered])
            if len(batch) > 1 and self._gather_s:
                await asyncio.sleep(self._gather_s)


def _still_waiting(batch: Sequence[tuple[object, asyncio.Future[Found]]]) -> Iterator[asyncio.Future[Found]]:
    """Without those who have gone meanwhile."""
    return (answered for _, answered in batch if not answered.done())
