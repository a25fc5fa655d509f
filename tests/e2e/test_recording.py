"""The chair has it recorded, everybody is told, and afterwards it plays with the page that was shown."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.conference import invitation, rgb, sees_colour, site
from tests.e2e.house import RealHouse
from tests.e2e.people import tablet
from tests.e2e.usable import is_usable

pytestmark = pytest.mark.slow

MAIN, COLOUR = "phong-hop-tinh", "#b02010"
TOLD = "Đang ghi hình"
PICTURE = """() => {
  const video = document.querySelector(".stage video");
  if (!video || !video.videoWidth) return null;
  const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 9 });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.drawImage(video, 0, 0, 16, 9);
  return { at: video.currentTime, colour: [...brush.getImageData(8, 6, 1, 1).data.slice(0, 3)] };
}"""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("house", ["supervised"], indirect=True)
async def test_a_recording_is_announced_everywhere_and_plays_with_its_pages(browser: Browser, house: RealHouse) -> None:
    chair = await tablet(browser, house, "trungnq.ubnd")
    secretary = await tablet(browser, house, "tratt.vpub")
    delegate = await tablet(browser, house, "dungha.stc")
    meeting = await chair.meeting()
    screen = await site(browser, house, await invitation(secretary, meeting, MAIN), COLOUR)
    state = await chair.state(meeting)
    paper = next(one for one in state["papers"].values() if one["readers"] == "all" and one["pages"] > 5)
    await chair.commands(meeting, type="attendance.arrive", place="room")
    await chair.commands(meeting, type="meeting.open", without_quorum=True)
    await chair.commands(meeting, type="item.start", item=paper["item"])
    await chair.commands(meeting, type="stage.pin", who=MAIN)
    await chair.opens(f"/chu-toa/{meeting}")
    await delegate.opens(f"/hop/{meeting}")
    await sees_colour(screen, COLOUR, "Hình gửi đi")

    await chair.page.get_by_role("button", name="Thêm", exact=True).click()
    await chair.page.get_by_role("menuitem", name="Ghi âm, ghi hình").click()
    await chair.page.get_by_role("button", name="Bắt đầu ghi").click()
    for one in (chair, delegate, screen):
        await expect(one.page.get_by_text(TOLD, exact=True).first).to_be_visible()
    index = house.folder / f"var/recordings/{meeting}/index.jsonl"
    async with asyncio.timeout(60):
        while not index.exists() or b'"picture"' not in index.read_bytes():
            await asyncio.sleep(0.2)
    await chair.commands(meeting, type="paper.show", paper=paper["id"], page=3)
    await asyncio.sleep(4)  # the length of what is played below, not a wait for anything
    await chair.commands(meeting, type="recording.stop")
    await expect(delegate.page.get_by_text(TOLD, exact=True)).to_have_count(0)
    await chair.commands(meeting, type="meeting.close")

    await chair.opens(f"/ban-ghi/{meeting}")
    page = chair.page
    await page.get_by_role("button", name="Phát", exact=True).click()
    await expect(page.locator(".paper img")).to_have_attribute("src", f"/pages/{paper['version']}/3/1440.webp")
    async with asyncio.timeout(60):
        while not (seen := await page.evaluate(PICTURE)) or seen["at"] < 1:
            await asyncio.sleep(0.1)
    await is_usable(page)
    assert max(abs(a - b) for a, b in zip(seen["colour"], rgb(COLOUR), strict=True)) < 50
    assert (chair.complaints, delegate.complaints) == ([], [])
    assert (await delegate.asks("GET", f"/api/meetings/{meeting}/recording"))["code"] == "recording.not_yours"
