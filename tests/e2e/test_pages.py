"""The first promise: one paper, pages turned on three tablets, and a tablet that is cut off and comes back."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, lasting_tablet, tablet

pytestmark = pytest.mark.slow

DELEGATES = ("dungha.stc", "vanltb.snnmt", "maivtt.stp")


async def _is_on_page(somebody: Somebody, page: int, pages: int) -> None:
    await expect(somebody.page.get_by_label(f"Trang {page} trên {pages}").first).to_be_visible()


@pytest.mark.timeout(600)
async def test_a_turned_page_is_on_every_tablet_and_on_one_that_comes_back(browser: Browser, house: RealHouse) -> None:
    chair = await tablet(browser, house, "trungnq.ubnd")
    meeting = await chair.meeting()
    tablets = [await lasting_tablet(browser, house, user, signs_in=user == DELEGATES[0]) for user in DELEGATES]
    for somebody in tablets:
        await somebody.opens(f"/hop/{meeting}")
    state = await chair.state(meeting)
    item = state["items"][1]["id"]
    paper = next(paper for paper in state["papers"].values() if paper["item"] == item and paper["pages"] > 30)
    for somebody in tablets:
        await somebody.sees("Kinh tế - xã hội 2026")

    await chair.commands(meeting, type="attendance.arrive", place="room")
    await chair.commands(meeting, type="meeting.open", without_quorum=True)
    await chair.commands(meeting, type="item.start", item=item)
    await chair.commands(meeting, type="paper.show", paper=paper["id"], page=1)
    for page in (2, 7):
        await chair.commands(meeting, type="page.turn", paper=paper["id"], page=page)
        for somebody in tablets:
            await _is_on_page(somebody, page, paper["pages"])

    cut_off = tablets[1]
    await cut_off.context.set_offline(True)
    await chair.commands(meeting, type="page.turn", paper=paper["id"], page=9)
    await chair.commands(meeting, type="page.turn", paper=paper["id"], page=12)
    await _is_on_page(tablets[0], 12, paper["pages"])
    await _is_on_page(cut_off, 7, paper["pages"])
    await cut_off.context.set_offline(False)
    await _is_on_page(cut_off, 12, paper["pages"])

    assert [somebody.complaints for somebody in tablets] == [[], [], []]
