"""Turnout: the newest number, told in order, and not once for each vote."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.joints import turnout as joint
from server.joints.turnout import Turnout, Word
from server.streams import StreamId

STREAM = StreamId("meeting:m-1")


class Urn:
    """Counts votes as slowly as a busy database, and keeps what was told."""

    def __init__(self) -> None:
        self.votes = 0
        self.told: list[tuple[str, int]] = []
        self.turnout = Turnout(self._count, self._tell)

    async def _count(self, _meeting: str, ballot: str) -> list[Word]:
        votes = self.votes
        await asyncio.sleep(0.02)
        return [(f"turnout:{ballot}", votes, None)]

    def _tell(self, _stream: StreamId, topic: str, value: Any, _audience: frozenset[str] | None) -> None:
        self.told.append((topic, value))

    async def vote(self) -> None:
        self.votes += 1
        await self.turnout.voted(STREAM, "b-1")


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "TELL_EVERY_S", 0.01)


async def test_every_vote_is_told_though_not_by_itself_and_never_out_of_order() -> None:
    urn = Urn()
    votes = []
    for _ in range(100):
        votes.append(asyncio.create_task(urn.vote()))
        await asyncio.sleep(0)
    await asyncio.gather(*votes)
    numbers = [number for _, number in urn.told]
    assert numbers == sorted(numbers) and numbers[-1] == 100
    assert len(numbers) < 50
    assert {topic for topic, _ in urn.told} == {"turnout:b-1"}


async def test_a_vote_after_a_count_that_failed_is_told() -> None:
    urn = Urn()

    async def away(_meeting: str, _ballot: str) -> list[Word]:
        raise OSError("the database is away")

    count, urn.turnout.count = urn.turnout.count, away
    with pytest.raises(OSError, match="away"):
        await urn.vote()
    urn.turnout.count = count
    await urn.vote()
    assert urn.told == [("turnout:b-1", 2)]
