"""Two web processes over one PostgreSQL and one Redis are one house: presence, the conference, papers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from server.joints import presence
from server.joints.conference import desired
from server.media.conference import Desired
from server.media.control import decode_from_web
from server.streams import StreamId
from tests.documents.house import pdf
from tests.e2e.small import MEETING, Preparing, SmallHouse, two_processes
from tests.joints import test_sketch
from tests.live.room import Tablet

STREAM = f"meeting:{MEETING}"
LATER = 1 << 53
"""When nobody's seconds of warning run any more."""
pytestmark = pytest.mark.slow


@pytest.fixture
async def houses(tmp_path: Path, fresh_postgres_url: str, redis_url: str) -> AsyncIterator[list[SmallHouse]]:
    async with two_processes(tmp_path, fresh_postgres_url, redis_url) as both:
        yield both


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "SAY_AGAIN_S", 0.2)
    monkeypatch.setattr(presence, "SILENCE_S", 1.5)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await true():
            await asyncio.sleep(0.02)


async def following(house: SmallHouse, who: str) -> Tablet:
    """Somebody's tablet that follows the meeting."""
    tablet = await (await house.caller(who)).tablet()
    await tablet.sync(0, STREAM)
    return tablet


def shows(tablet: Tablet, people: int) -> Callable[[], bool]:
    """Whether the tablet was told last that so many are connected."""

    def shown() -> bool:
        meter: Any = tablet.status("meter")
        return bool(meter and meter["people"] == people)

    return shown


async def test_everybody_is_told_how_many_are_connected_anywhere(houses: list[SmallHouse]) -> None:
    first, second = houses
    tablets = [await following(first, "delegate"), await following(second, "second"), await following(second, "chair")]
    for tablet in tablets:
        await tablet.until(shows(tablet, 3), 60)
    chairs = tablets[2]
    await chairs.until(lambda: chairs.status("presence")["connected"] == ["chair", "delegate", "second"], 60)
    for tablet in tablets:
        await tablet.close()


async def test_the_people_of_a_process_that_dies_vanish(houses: list[SmallHouse]) -> None:
    first, second = houses
    here, there = await following(first, "delegate"), await following(second, "second")
    await here.until(shows(here, 2), 60)
    await second.house.live.bus.close()
    await here.until(shows(here, 1), 60)
    for tablet in (here, there):
        await tablet.close()


async def test_no_deputy_takes_the_controls_from_a_chair_at_another_process(houses: list[SmallHouse]) -> None:
    first, second = houses
    chair = await following(first, "chair")

    async def known() -> bool:
        return second.house.presence.is_connected(MEETING, "chair")

    await until(known)
    status, answer = await (await second.caller("deputy")).commands("controls.take")
    assert (status, answer["code"]) == (409, "controls.chair_present")
    await chair.close()


class Ear:
    """Stands where media would: hears what both web processes say, and heeds the newest, as media does."""

    def __init__(self) -> None:
        self.newest: Desired | None = None
        self.lines = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        while line := await reader.readline():
            word = decode_from_web(line)
            if isinstance(word, Desired) and word.newer_than(self.newest):
                self.newest = word
        writer.close()


async def test_the_conference_follows_the_log_whichever_process_decides(houses: list[SmallHouse]) -> None:
    first, second = houses
    ear = Ear()
    media = await asyncio.start_unix_server(ear.serve, first.house.settings.media.control_socket)

    async def follows_the_log() -> bool:
        return ear.newest == desired(*await first.house.meetings.standing(MEETING), LATER)

    await until(follows_the_log)
    for turn, house in enumerate((first, second, first, second, second, first)):
        chair = await house.caller("chair")
        tag, fields = ("floor.end", {}) if turn % 2 else ("floor.invite", {"person": "second", "minutes": 3})
        assert (await chair.commands(tag, **fields))[0] == 200
        await until(follows_the_log)
    media.close()


async def test_an_upload_is_prepared_once_and_known_everywhere(houses: list[SmallHouse]) -> None:
    first, second = houses
    changes: list[Any] = []
    tell = second.house.papers.on_change
    second.house.papers.on_change = lambda paper: (changes.append(paper), tell(paper))[1]
    secretary = await first.caller("secretary")
    status, paper = await secretary.uploads(MEETING, "báo cáo.pdf", pdf(12))
    assert status == 201
    await Preparing(first.house).does(
        "secretary", "paper.attach", paper=paper["id"], item=first.lies.items[0], title="Báo cáo", short="Báo cáo"
    )

    async def ready() -> bool:
        return (await second.house.meetings.standing(MEETING))[1].papers[paper["id"]].state == "ready"

    await until(ready)
    await first.house.papers.settled()
    assert changes == []
    assert await first.house.streams.verify(StreamId(STREAM)) is None


async def test_whoever_is_taken_back_at_one_process_hears_no_more_at_the_other(houses: list[SmallHouse]) -> None:
    first, second = houses
    here, there = await following(first, "delegate"), await following(second, "second")
    assert (await (await first.caller("secretary")).commands("member.revoke", person="second"))[0] == 200

    async def gone() -> bool:
        return not any(caller.person == "second" for caller in second.house.live.followers(StreamId(STREAM)))

    await until(gone)
    assert (await (await first.caller("chair")).commands("notice.post", text="Nội bộ"))[0] == 200
    await here.until(lambda: "Nội bộ" in repr(here.events), 60)
    assert (await there.sync(0, STREAM))["code"] == "meeting.unknown"
    assert "Nội bộ" not in repr(there.events)
    for tablet in (here, there):
        await tablet.close()


async def test_what_is_drawn_over_a_shared_screen_is_seen_and_wiped_at_every_process(houses: list[SmallHouse]) -> None:
    first, second = houses
    await test_sketch.shares(first, "secretary")
    drawing = await test_sketch.at(first, "secretary")
    await following(second, "chair")
    watching = await test_sketch.at(second, "second")
    assert (await test_sketch.draws(drawing, "mark-0001"))["ok"]
    await watching.until(lambda: test_sketch.shown(watching) == {"mark:mark-0001": "secretary"}, 60)
    late = await (await second.caller("delegate")).tablet()
    (stroke,) = (await late.sync(0, test_sketch.SCREEN))["snapshot"]["strokes"]
    assert stroke["id"] == "mark-0001"
    await test_sketch.shares(second, "secretary", sharing=False)
    for tablet in (drawing, watching):
        await tablet.until(lambda tablet=tablet: test_sketch.shown(tablet) == {}, 60)
    for tablet in (drawing, watching, late):
        await tablet.close()
