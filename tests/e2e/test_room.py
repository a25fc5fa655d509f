"""A delegate's tablet without a network: it starts, reads and writes, votes once, and forgets whoever signs out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, becomes, lasting_tablet, tablet

pytestmark = pytest.mark.slow

SHELVES = """async () => {
  const db = await new Promise((done, failed) => {
    const asked = indexedDB.open("hopso");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = failed;
  });
  const counted = {};
  for (const name of db.objectStoreNames) {
    counted[name] = await new Promise((done) => {
      const asked = db.transaction(name).objectStore(name).count();
      asked.onsuccess = () => done(asked.result);
    });
  }
  db.close();
  return counted;
}"""


async def _is_on_page(somebody: Somebody, page: int) -> None:
    await expect(somebody.page.get_by_label(re.compile(f"Trang {page} trên")).first).to_be_visible()


async def _shelves(somebody: Somebody, **expected: int) -> None:
    async def count() -> dict[str, int]:
        found: dict[str, int] = await somebody.page.evaluate(SHELVES)
        return {name: found[name] for name in expected}

    await becomes(count, lambda found: found == expected, f"{expected} in the browser's database")


async def _draws(somebody: Somebody, lifts: bool = True) -> None:
    box = await somebody.page.locator(".in").bounding_box()
    assert box is not None
    mouse = somebody.page.mouse
    await mouse.move(box["x"] + 200, box["y"] + 250)
    await mouse.down()
    for step in range(1, 8):
        await mouse.move(box["x"] + 200 + 15 * step, box["y"] + 250 + 9 * (step % 3))
    if lifts:
        await mouse.up()


async def _meeting_at_page_seven(chair: Somebody) -> tuple[str, dict[str, Any]]:
    meeting = await chair.meeting()
    state = await chair.state(meeting)
    ballot = next(ballot for ballot in state["ballots"].values() if ballot["state"] == "planned")
    item = state["items"][1]["id"]
    paper = next(paper for paper in state["papers"].values() if paper["item"] == item and paper["pages"] > 30)
    await chair.commands(meeting, type="attendance.arrive", place="room")
    await chair.commands(meeting, type="meeting.open", without_quorum=True)
    await chair.commands(meeting, type="item.start", item=item)
    await chair.commands(meeting, type="paper.show", paper=paper["id"], page=7)
    return meeting, {"paper": paper["id"], "ballot": ballot}


@pytest.mark.timeout(600)
async def test_a_tablet_without_a_network_goes_on_and_catches_up(browser: Browser, house: RealHouse) -> None:
    chair = await tablet(browser, house, "trungnq.ubnd")
    meeting, lies = await _meeting_at_page_seven(chair)
    delegate = await lasting_tablet(browser, house, "dungha.stc")
    await delegate.opens(f"/hop/{meeting}")
    await _is_on_page(delegate, 7)
    await expect(delegate.page.get_by_text("Đã tải đủ").first).to_be_visible()
    await delegate.page.get_by_role("button", name="Bút", exact=True).click()
    await delegate.context.set_offline(True)
    await _draws(delegate)
    await _shelves(delegate, outbox=1)
    for page in (8, 11):
        await chair.commands(meeting, type="page.turn", paper=lies["paper"], page=page)

    await delegate.page.reload()
    await _is_on_page(delegate, 7)
    await delegate.page.get_by_role("button", name="Bút", exact=True).click()
    await _draws(delegate, lifts=False)
    await delegate.context.set_offline(False)
    await _shelves(delegate, outbox=0)
    await _is_on_page(delegate, 7)
    await delegate.page.mouse.up()
    await _is_on_page(delegate, 11)
    await _shelves(delegate, outbox=0)
    assert delegate.complaints == []


@pytest.mark.timeout(600)
async def test_a_vote_survives_the_tablet_and_sign_out_leaves_nothing(browser: Browser, house: RealHouse) -> None:
    chair = await tablet(browser, house, "trungnq.ubnd")
    meeting, lies = await _meeting_at_page_seven(chair)
    delegate = await lasting_tablet(browser, house, "dungha.stc")
    await delegate.opens(f"/hop/{meeting}")
    await _is_on_page(delegate, 7)
    await chair.commands(meeting, type="item.start", item=lies["ballot"]["item"])
    await chair.commands(meeting, type="ballot.open", ballot=lies["ballot"]["id"], without_quorum=True)
    agree = delegate.page.get_by_role("radio", name=re.compile("^Tán thành"))
    await agree.wait_for()
    await delegate.context.set_offline(True)
    await agree.click()
    await _shelves(delegate, outbox=1)
    await delegate.page.close()
    await delegate.context.set_offline(False)
    delegate.page = await delegate.context.new_page()
    await delegate.opens(f"/hop/{meeting}")
    await _shelves(delegate, outbox=0)
    cast = (await delegate.asks("GET", f"/api/meetings/{meeting}/my-votes"))["votes"]
    assert list(cast[lies["ballot"]["id"]].values()) == ["agree"]

    await delegate.page.get_by_role("button", name="Thêm").click()
    await delegate.page.get_by_role("button", name="Đăng xuất").click()
    await delegate.page.wait_for_url("**/dang-nhap")
    await _shelves(delegate, outbox=0, keys=0, kept=0)
    assert await delegate.page.evaluate("caches.has('hopso-pages')") is False
    assert await delegate.page.evaluate("localStorage.getItem('hopso.me')") is None
    assert (await delegate.asks("GET", "/api/me"))["code"] == "session.none"
