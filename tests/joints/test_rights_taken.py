"""Whoever loses a right in the middle of a meeting loses what hangs on it, on the lines that are open already."""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Callable
from typing import Any

import msgspec
import pycrdt
import pytest

from server.meetings.acts import read_command
from server.meetings.service import Asker, Meetings, stream_of
from server.streams import StreamId, Streams
from tests.e2e.small import MEETING, SITE, SmallHouse
from tests.live.room import Tablet

MINUTES = f"minutes:{MEETING}"


def typed(words: str) -> dict[str, Any]:
    """A command that writes these words into the minutes."""
    document: pycrdt.Doc[Any] = pycrdt.Doc()
    text = document.get("default", type=pycrdt.XmlFragment)
    text.children.append(pycrdt.XmlElement("paragraph"))
    text.children[0].children.append(pycrdt.XmlText(words))
    update = base64.b64encode(document.get_update()).decode()
    return {
        "stream": MINUTES,
        "id": uuid.uuid4().hex,
        "command": {"type": "minutes.update", "update": update},
    }


def drawn(stream: str) -> dict[str, Any]:
    """A command that draws a line there."""
    stroke = {"kind": "stroke", "id": uuid.uuid4().hex, "page": 1, "tool": "pen", "colour": "#1a4a8a", "width": 30}
    command = {"type": "stroke.add", "stroke": {**stroke, "points": [[1, 1, 500]]}}
    return {"stream": stream, "id": uuid.uuid4().hex, "command": command}


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


def _heard(tablet: Tablet, stream: str) -> list[Any]:
    return [event for event in tablet.events if event["stream"] == stream]


async def test_a_secretary_who_is_one_no_more_hears_neither_minutes_nor_remarks_to_the_desk(small: SmallHouse) -> None:
    secretary, desk_ink = await small.caller("secretary"), f"ink:{small.lies.versions['all']}:desk"
    change = {"person": "delegate", "mandate": True}
    assert (await secretary.commands("member.change", **change, roles=["secretary"]))[0] == 200
    demoted, writer = await (await small.caller("delegate")).tablet(), await secretary.tablet("ban-2")
    for stream in (MINUTES, desk_ink):
        assert (await demoted.sync(0, stream))["ok"]
        assert (await writer.sync(0, stream))["ok"]
    assert (await secretary.commands("member.change", **change, roles=["delegate"]))[0] == 200
    live = small.house.live
    await _until(lambda: not {"delegate"} & {caller.person for caller in live.followers(MINUTES)})  # type: ignore[arg-type]
    second = await (await small.caller("second")).tablet("ban-3")
    assert (await writer.ask("command", typed("Nội bộ")))["ok"]
    assert (await second.ask("command", drawn(desk_ink)))["ok"]
    await _until(lambda: bool(_heard(writer, MINUTES) and _heard(writer, desk_ink)))
    assert (await demoted.sync(0, MINUTES))["code"] == "minutes.not_yours_to_read"
    assert _heard(demoted, MINUTES) == []
    assert [event["type"] for event in _heard(demoted, desk_ink)] in ([], ["hidden"])
    for tablet in (demoted, writer, second):
        await tablet.close()


async def test_ink_of_a_paper_that_was_taken_off_is_not_heard_any_more(small: SmallHouse) -> None:
    secretary, shared = await small.caller("secretary"), f"ink:{small.lies.versions['all']}:all"
    reader, site = await (await small.caller("second")).tablet(), await (await small.caller(SITE)).tablet("ban-2")
    for tablet in (reader, site):
        assert (await tablet.sync(0, shared))["ok"]
    assert (await secretary.commands("paper.detach", paper=small.lies.papers["all"]))[0] == 200
    await _until(lambda: small.house.live.followers(shared) == [])  # type: ignore[arg-type]
    chair = await (await small.caller("chair")).tablet("ban-3")
    assert (await chair.ask("command", drawn(shared)))["ok"]
    for tablet in (reader, site):
        assert (await tablet.sync(0, shared))["code"] == "ink.unknown"
        assert _heard(tablet, shared) == []
    for tablet in (reader, site, chair):
        await tablet.close()


async def test_a_right_taken_at_another_process_is_missed_no_longer_where_nobody_follows_the_meeting(
    small: SmallHouse,
) -> None:
    house, secretary = small.house, await small.caller("secretary")
    change = {"person": "delegate", "mandate": True}
    assert (await secretary.commands("member.change", **change, roles=["secretary"]))[0] == 200
    demoted = await (await small.caller("delegate")).tablet()
    assert (await demoted.sync(0, MINUTES))["ok"]
    elsewhere = Meetings(house.db, Streams(house.db, house.clock), house.clock, house.meetings.around)
    command = read_command(msgspec.json.encode({"type": "member.change", **change, "roles": ["delegate"]}))
    assert (await elsewhere.perform(MEETING, Asker("secretary"), uuid.uuid4().hex, command)).ok
    await elsewhere.streams.close()

    def followers() -> list[str]:
        return [caller.person for caller in house.live.followers(StreamId(MINUTES))]

    assert followers() == ["delegate"], "nobody has told this process"
    await house.paper_rights.look(house.live.gathering.followings)
    await _until(lambda: not followers())


async def test_what_another_process_does_while_the_first_comes_here_hides_nothing_from_them(
    small: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, stream = small.house, stream_of(MEETING)
    elsewhere = Meetings(house.db, Streams(house.db, house.clock), house.clock, house.meetings.around)
    find_head = house.streams.head

    async def says(words: str) -> None:
        command = read_command(msgspec.json.encode({"type": "notice.post", "text": words}))
        assert (await elsewhere.perform(MEETING, Asker("secretary"), uuid.uuid4().hex, command)).ok

    async def head_after_news(asked: StreamId) -> int:
        await says("Giải lao")
        return await find_head(asked)

    monkeypatch.setattr(house.streams, "head", head_after_news)
    tablet = await (await small.caller("delegate")).tablet()
    assert "events" in await tablet.sync((await elsewhere.standing(MEETING))[0], stream)
    await says("Họp tiếp")
    house.live.gathering.offer(stream, (await elsewhere.history(MEETING))[-1:])
    await _until(lambda: bool(_heard(tablet, stream)))
    assert [event["type"] for event in _heard(tablet, stream)] == ["notice.posted"]
    await tablet.close()
    await elsewhere.streams.close()
