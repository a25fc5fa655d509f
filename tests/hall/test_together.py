"""Those who ask while others are being answered are answered next, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from server.together import LARGEST_BATCH, Together


class Oracle:
    """Doubles numbers, when the gate is open; refuses any batch with a negative one."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.together = Together(self._answer)

    async def _answer(self, asked: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(asked))
        await self.gate.wait()
        if min(asked) < 0:
            raise ValueError("negative")
        return [2 * one for one in asked]


async def test_what_is_asked_at_once_is_answered_at_once_each_with_its_own_answer() -> None:
    oracle = Oracle()
    found = await asyncio.gather(*(oracle.together.ask(number) for number in range(LARGEST_BATCH + 3)))
    assert found == [2 * number for number in range(LARGEST_BATCH + 3)]
    assert [len(batch) for batch in oracle.batches] == [LARGEST_BATCH, 3]


async def test_whoever_asks_while_an_answer_is_made_gets_one_that_is_begun_later() -> None:
    oracle = Oracle()
    oracle.gate.clear()
    first = asyncio.create_task(oracle.together.ask(1))
    while not oracle.batches:
        await asyncio.sleep(0)
    second = asyncio.create_task(oracle.together.ask(2))
    await asyncio.sleep(0)
    oracle.gate.set()
    assert await asyncio.gather(first, second) == [2, 4]
    assert oracle.batches == [[1], [2]]


async def test_a_failure_is_everybodys_of_its_batch_and_nobody_elses() -> None:
    oracle = Oracle()
    failed = await asyncio.gather(oracle.together.ask(1), oracle.together.ask(-1), return_exceptions=True)
    assert [type(one) for one in failed] == [ValueError, ValueError]
    assert await oracle.together.ask(3) == 6


async def test_whoever_goes_away_takes_no_answer_from_the_others() -> None:
    oracle = Oracle()
    oracle.gate.clear()
    gone, stays = (asyncio.create_task(oracle.together.ask(number)) for number in (1, 2))
    while not oracle.batches:
        await asyncio.sleep(0)
    gone.cancel()
    oracle.gate.set()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_while_a_crowd_asks_the_next_are_waited_for_and_whoever_asks_alone_is_answered_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    oracle, over, slept = Oracle(), asyncio.Event(), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await over.wait()

    monkeypatch.setattr("server.together.asyncio.sleep", sleep)
    oracle.together = Together(oracle._answer, gather_s=0.5)
    assert [await oracle.together.ask(number) for number in (1, 2)] == [2, 4]
    assert slept == []
    assert await asyncio.gather(oracle.together.ask(3), oracle.together.ask(4)) == [6, 8]
    late = asyncio.gather(oracle.together.ask(5), oracle.together.ask(6))
    over.set()
    assert await late == [10, 12]
    assert oracle.batches == [[1], [2], [3, 4], [5, 6]]
    assert slept[0] == 0.5
