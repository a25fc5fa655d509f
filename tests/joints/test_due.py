"""What becomes due by the clock, in a house that nobody taps anything in meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.errors import Unavailable
from server.joints import due
from server.joints.due import Due
from server.meetings import floor
from server.meetings.meeting import Meeting
from tests.e2e.small import MEETING, Preparing, SmallHouse


def by_the_clock(meeting: Meeting) -> int | None:
    return meeting.speaking.began_at + 150 if meeting.speaking else None


async def over(small: SmallHouse) -> Meeting:
    async with asyncio.timeout(60):
        while True:
            _, meeting = await small.house.meetings.standing(MEETING)
            if meeting.speaking is None:
                return meeting
            await asyncio.sleep(0.02)


async def test_the_house_ends_a_speech_whose_time_is_over_and_the_log_says_that_it_did(
    small: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor, "ends_by_itself", by_the_clock)
    await Preparing(small.house).does("chair", "floor.invite", person="second")
    assert (await over(small)).turns == {"second": 1}
    last = [entry for entry in await small.house.meetings.history(MEETING) if entry.type == "floor.ended"]
    assert [entry.by for entry in last] == ["house"]


async def test_what_fails_when_it_is_due_is_done_a_little_later(
    small: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor, "ends_by_itself", by_the_clock)
    monkeypatch.setattr(due, "AGAIN_S", 0.05)
    commit, away = small.house.streams._commit, iter((True, True))

    async def fails_at_first(batch: Any) -> None:
        if (await small.house.meetings.standing(MEETING))[1].speaking is not None and next(away, False):
            raise Unavailable("storage.away")
        await commit(batch)

    monkeypatch.setattr(small.house.streams, "_commit", fails_at_first)
    await Preparing(small.house).does("chair", "floor.invite", person="second")
    assert (await over(small)).turns == {"second": 1}
    assert next(away, None) is None, "it was tried while the database was away"


async def test_a_process_that_begins_later_catches_up(small: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    await Preparing(small.house).does("chair", "floor.invite", person="second")
    monkeypatch.setattr(floor, "ends_by_itself", by_the_clock)
    later = Due(small.house.meetings, small.house._begin)
    await later.look()
    assert (await over(small)).speaking is None
