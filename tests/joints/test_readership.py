"""From a tablet that says where it reads to the desk that sees who has opened a paper."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.joints import readership
from tests.e2e.small import MEETING, Caller, SmallHouse

STREAM = f"meeting:{MEETING}"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readership, "WRITE_AFTER_S", 0.05)


async def readers_of(desk: Caller, paper: str) -> dict[str, dict[str, Any]]:
    status, answer = await desk.asks("GET", f"/api/meetings/{MEETING}/readings/{paper}")
    assert status == 200, answer
    return {one["person"]: one for one in answer["readers"]}


async def read_by(desk: Caller, paper: str, person: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while not (found := (await readers_of(desk, paper))[person])["opened_at"]:
            await asyncio.sleep(0.02)
    return found


async def reads(caller: Caller, paper: str, page: int) -> None:
    tablet = await caller.tablet()
    await tablet.ask("sync", {"stream": STREAM, "since": 0})
    await tablet.hint("following", {"alone": True, "paper": paper, "page": page}, STREAM)


async def test_the_desk_sees_who_has_opened_a_paper_and_it_outlives_the_process(small: SmallHouse) -> None:
    paper, named = small.lies.papers["all"], small.lies.papers["named"]
    desk = await small.caller("secretary")
    screen = await desk.tablet()
    await screen.ask("sync", {"stream": STREAM, "since": 0})
    delegate = await small.caller("delegate")
    neighbour = await (await small.caller("second")).tablet()
    await neighbour.ask("sync", {"stream": STREAM, "since": 0})
    await reads(delegate, named, 1)
    await reads(delegate, paper, 4)
    found = await read_by(desk, paper, "delegate")
    assert (found["page"], found["opened_at"] % 60_000, found["outdated"]) == (4, 0, False)
    assert "delegate" not in await readers_of(desk, named)
    assert (await desk.asks("GET", f"/api/meetings/{MEETING}/readings"))[1]["opened"][paper] == 1
    await screen.until(lambda: any(one["topic"] == "readings" for one in screen.statuses))
    await neighbour.ask("sync", {"stream": STREAM, "since": 0})  # whatever was told before has come
    assert neighbour.hints == screen.hints == []
    after = readership.Readership(small.house.meetings, small.house._tell, small.house._begin)
    await after.close()
    assert (await readers_of(desk, paper))["delegate"]["page"] == 4


@pytest.mark.parametrize("person", ["delegate", "deputy", "guest", "technician"])
async def test_nobody_else_is_told_who_has_read(small: SmallHouse, person: str) -> None:
    asking = await small.caller(person)
    for path in ("", f"/{small.lies.papers['all']}"):
        status, answer = await asking.asks("GET", f"/api/meetings/{MEETING}/readings{path}")
        assert (status, answer["code"]) == (403, "role.not_allowed")
