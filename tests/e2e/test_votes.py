"""A secret election in real Chromium: asked whether one is ready, cast once and for all, told by name to nobody."""

from __future__ import annotations

import ssl
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, becomes, tablet
from tests.e2e.small import Caller

pytestmark = pytest.mark.slow

CHAIR, DELEGATE = "trungnq.ubnd", "dungha.stc"
CANDIDATES = ["Bà Trịnh Thị Thu Hà", "Ông Hà Văn Toàn", "Ông Trần Đức Vịnh"]


async def _taps(somebody: Somebody, words: str) -> None:
    await somebody.page.get_by_role("button", name=words, exact=False).first.click()


async def _elects(somebody: Somebody, *names: str) -> None:
    for name in names:
        await somebody.page.get_by_role("checkbox", name=name).click()
    await _taps(somebody, "Bỏ phiếu kín…")
    chosen = ", ".join(name for name in CANDIDATES if name in names)
    await expect(somebody.page.get_by_text(f"Lựa chọn: {chosen}")).to_be_visible()
    await _taps(somebody, "Bỏ phiếu, không đổi nữa")
    await somebody.sees("Đã bỏ phiếu kín")


async def _opened(chair: Somebody) -> tuple[str, str]:
    """The meeting sits with enough members, and an election is planned and called; both their ids."""
    meeting = await chair.meeting()
    state = await chair.state(meeting)
    members = [m for m in state["members"].values() if m["mandate"] and m["attendance"]["state"] == "expected"]
    for person in [m["id"] for m in members if m["id"] != DELEGATE][:20]:
        await chair.commands(meeting, type="attendance.record", person=person, state="room")
    await chair.commands(meeting, type="meeting.open")
    item = state["items"][2]["id"]
    await chair.commands(meeting, type="item.start", item=item)
    asked = {"question": "Bầu Trưởng Ban và Phó Trưởng Ban Pháp chế", "options": CANDIDATES, "places": 2}
    await chair.commands(meeting, type="ballot.plan", item=item, kind="election", method="secret", **asked)
    ballot = list((await chair.state(meeting))["ballots"])[-1]
    for other, known in state["ballots"].items():
        if known["state"] == "planned" and known["item"] == item:
            await chair.commands(meeting, type="ballot.drop", ballot=other)
    return meeting, ballot


@asynccontextmanager
async def without_screens(house: RealHouse) -> AsyncIterator[aiohttp.ClientSession]:
    """For people who have no browser in a test."""
    line = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(house.authority)))
    async with aiohttp.ClientSession(connector=line, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


async def cast_without_screens(house: RealHouse, meeting: str, ballot: str, choices: dict[str, str]) -> None:
    """Members without a screen in a test cast their secret votes."""
    async with without_screens(house) as session:
        for person, choice in choices.items():
            caller = await Caller(house.url, session).signs_in(person)
            cast = {"type": "ballot.cast_secretly", "ballot": ballot, "mandate": person, "choice": choice}
            sent = {"id": uuid.uuid4().hex, "command": cast}
            status, answer = await caller.asks("POST", f"/api/meetings/{meeting}/commands", sent)
            assert status == 200 and answer["ok"], answer


async def test_a_secret_election_is_cast_once_and_read_by_all(browser: Browser, house: RealHouse) -> None:
    chair = await tablet(browser, house, CHAIR)
    delegate = await tablet(browser, house, DELEGATE)
    meeting, ballot = await _opened(chair)
    await delegate.opens(f"/hop/{meeting}")
    await chair.opens(f"/chu-toa/{meeting}")

    async def is_there() -> str:
        return str((await chair.state(meeting))["members"][DELEGATE]["attendance"]["state"])

    await becomes(is_there, lambda state: state != "expected", "the delegate came by opening the room")
    await _taps(chair, "Hỏi sẵn sàng")
    await _taps(delegate, "Tôi đã sẵn sàng")
    await chair.sees("1/")
    await _taps(chair, "Mở biểu quyết cho")

    await _elects(delegate, CANDIDATES[1], CANDIDATES[0])
    await delegate.page.reload()
    await delegate.sees("Đã bỏ phiếu kín")
    assert await delegate.page.get_by_role("checkbox").count() == 0, "nothing of the choice is shown again"
    assert (await delegate.asks("GET", f"/api/meetings/{meeting}/my-votes"))["votes"][ballot] == {DELEGATE: "?"}

    await chair.page.get_by_role("group", name="Phiếu của tôi").get_by_role("button").click()
    await _elects(chair, CANDIDATES[1])
    voters = (await chair.state(meeting))["ballots"][ballot]["electorate"]
    others = [person for person in voters if person not in (CHAIR, DELEGATE)][:3]  # of fewer than five none is counted
    await cast_without_screens(house, meeting, ballot, dict.fromkeys(others, ""))
    await _taps(chair, "Đóng biểu quyết: 5/")
    early = await delegate.context.request.get(f"{house.url}/api/meetings/{meeting}/ballots/{ballot}.csv")
    assert early.status == 403, "nothing is known before it is announced"
    await _taps(chair, "Công bố: trúng cử 0/2")
    await delegate.sees("Trúng cử 0/2")
    table = await delegate.context.request.get(f"{house.url}/api/meetings/{meeting}/ballots/{ballot}.csv")
    assert "Ông Hà Văn Toàn,2" in await table.text()
    assert (chair.complaints, delegate.complaints) == ([], [])
