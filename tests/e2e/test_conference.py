"""The second promise: sites in real browsers see and hear whoever the chair invites, and come back by themselves."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.conference import (
    OWN,
    colour_of,
    counted,
    counts_anew,
    falls_silent,
    invitation,
    received,
    sees_colour,
    site,
    still_counts,
    with_camera,
)
from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, tablet

pytestmark = pytest.mark.slow

MAIN = "phong-hop-tinh"
COLOURS = {
    MAIN: "#b02010",
    "so-ct": "#1030c0",
    "so-khcn": "#a0a010",
    "so-yt": "#a010a0",
}
SPEAKERS = {
    "so-ct": "nghiacv.sct",
    "so-khcn": "longth.skhcn",
    "so-yt": "hienttt.syt",
}
LIVE, SOON, OFF = "Micrô đang mở", "Micrô mở sau", "Micrô tắt"


DRAWN = """([left, right], near = 3) => {
    const frame = document.querySelector(".over > .picture").getBoundingClientRect();
    const found = [];
    for (const canvas of document.querySelectorAll(".over .ink canvas")) {
        const box = canvas.getBoundingClientRect();
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        for (let at = 3; at < data.length; at += 4) {
            const x = ((at >> 2) % canvas.width) / canvas.width;
            if (data[at] > 200) found.push(((box.left + x * box.width - frame.left) / frame.width) * 100);
        }
    }
    const ends = found.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
    return found.length > 0 && Math.abs(ends[0] - left) < near && Math.abs(ends[1] - right) < near;
}"""
"""Whether something is drawn over the shared screen from here to there, in hundredths of the picture's width."""


class Conference:
    """A meeting in session with some sites at their screens."""

    def __init__(self, chair: Somebody, secretary: Somebody, meeting: str, sites: dict[str, Somebody]) -> None:
        self.chair = chair
        self.secretary = secretary
        self.meeting = meeting
        self.sites = sites

    async def does(self, **command: Any) -> None:
        """The chair commands."""
        await self.chair.commands(self.meeting, **command)

    async def invites(self, speaking: str) -> None:
        """The chair gives the floor to somebody at this site."""
        await self.does(type="floor.invite", person=SPEAKERS[speaking])

    async def stage_follows(self, speaking: str) -> None:
        """Everywhere else the picture on stage becomes that of this site."""
        others = [screen for name, screen in self.sites.items() if name != speaking]
        await asyncio.gather(*(sees_colour(screen, COLOURS[speaking]) for screen in others))

    def complaints(self) -> list[str]:
        """What went wrong in any page."""
        return [one for screen in self.sites.values() for one in screen.complaints]


async def _convened(browser: Browser, house: RealHouse, names: list[str]) -> Conference:
    chair = await tablet(browser, house, "trungnq.ubnd")
    secretary = await tablet(browser, house, "tratt.vpub", size=(1280, 800))
    meeting = await chair.meeting()
    sites: dict[str, Somebody] = {}
    for name in names:
        code = await invitation(secretary, meeting, name)
        sites[name] = await site(browser, house, code, COLOURS[name])
    return Conference(chair, secretary, meeting, sites)


async def _opened(conference: Conference) -> None:
    state = await conference.chair.state(conference.meeting)
    item = state["items"][1]["id"]
    paper = next(one for one in state["papers"].values() if one["item"] == item and one["pages"] > 30)
    await conference.does(type="attendance.arrive", place="room")
    await conference.does(type="meeting.open", without_quorum=True)
    await conference.does(type="item.start", item=item)
    await conference.does(type="paper.show", paper=paper["id"], page=3)
    for name in conference.sites.keys() & SPEAKERS.keys():
        record = {"type": "attendance.record", "person": SPEAKERS[name], "state": "site"}
        await conference.secretary.commands(conference.meeting, **record)


async def _draws_across(somebody: Somebody) -> None:
    """A line with the mouse, from a quarter to three quarters of the picture's width."""
    hand = somebody.page.get_by_role("img", name="Hình đang chia sẻ")
    box = await hand.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    mouse = somebody.page.mouse
    await mouse.move(box["x"] + box["width"] / 4, middle)
    await mouse.down()
    await mouse.move(box["x"] + box["width"] * 3 / 4, middle, steps=6)
    await mouse.up()


async def _shows(screen: Somebody, words: str) -> None:
    await expect(screen.page.get_by_text(words).first).to_be_visible()


@pytest.mark.timeout(600)
async def test_stage_and_sound_of_four_sites_follow_the_floor(browser: Browser, house: RealHouse) -> None:
    conference = await _convened(browser, house, list(COLOURS))
    main, health = conference.sites[MAIN], conference.sites["so-yt"]
    await _shows(health, "Thử micrô")
    await sees_colour(health, COLOURS[MAIN])

    await _opened(conference)
    await _shows(health, OFF)
    await expect(health.page.get_by_label("Trang 3 trên")).to_be_visible()
    hall = await tablet(browser, house, "tratt.vpub", size=(960, 540))
    await counted(hall)
    await hall.opens(f"/hoi-truong/{conference.meeting}")
    for speaking in ("so-yt", "so-khcn", "so-ct"):
        await conference.invites(speaking)
        await _shows(conference.sites[speaking], SOON)
        await conference.stage_follows(speaking)
        await sees_colour(hall, COLOURS[speaking])
        for name, screen in conference.sites.items():
            await sees_colour(screen, COLOURS[name], OWN)
        await _shows(conference.sites[speaking], LIVE)
        await still_counts(main, "frames")
        await still_counts(main, "energy")
    assert not await hall.page.evaluate("[...document.querySelectorAll('audio,video')].some((one) => !one.muted)")
    await conference.does(type="meeting.pause", reason="Giải lao 15 phút")
    for screen in conference.sites.values():
        await _shows(screen, OFF)
        await _shows(screen, "Tạm nghỉ")
    await conference.does(type="meeting.resume")
    await conference.does(type="meeting.close")
    for screen in conference.sites.values():
        await _shows(screen, "Cuộc họp đã bế mạc")
        assert await colour_of(screen, OWN) is None
    assert conference.complaints() == []


@pytest.mark.timeout(600)
async def test_a_microphone_the_chair_closes_sends_nothing_any_more(browser: Browser, house: RealHouse) -> None:
    conference = await _convened(browser, house, [MAIN, "so-ct"])
    main, trade = conference.sites[MAIN], conference.sites["so-ct"]
    await _opened(conference)
    await conference.invites("so-ct")
    await _shows(trade, LIVE)
    await still_counts(main, "energy")

    await conference.does(type="microphone.switch", who="so-ct", open=False)
    await _shows(trade, OFF)
    await falls_silent(main)
    before = await received(main)
    await still_counts(main, "frames")
    await asyncio.sleep(1)
    after = await received(main)
    assert after["sound"] == before["sound"]
    assert after["frames"] > before["frames"]

    await conference.does(type="microphone.switch", who="so-ct", open=True)
    await _shows(trade, LIVE)
    await still_counts(main, "energy")

    # The site's own hand: closed at once, opened again by the same button.
    await trade.page.get_by_role("button", name="Tắt micrô").click()
    await _shows(trade, "Đã tắt tại đây")
    await trade.page.get_by_role("button", name="Mở micrô").click()
    await _shows(trade, LIVE)
    await conference.does(type="floor.end")
    await _shows(trade, OFF)
    assert conference.complaints() == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize("house", ["supervised"], indirect=True)
async def test_a_site_comes_back_after_power_loss_and_after_the_media_process_died(
    browser: Browser, house: RealHouse
) -> None:
    conference = await _convened(browser, house, [MAIN, "so-ct"])
    main, trade = conference.sites[MAIN], conference.sites["so-ct"]
    await _opened(conference)
    await conference.invites("so-ct")
    await sees_colour(main, COLOURS["so-ct"])

    await trade.page.reload()
    await _shows(trade, LIVE)
    await sees_colour(trade, COLOURS[MAIN])
    await still_counts(main, "energy")

    for screen in (main, trade):
        await counts_anew(screen)
    os.kill(house.children()["media"], signal.SIGKILL)
    await still_counts(main, "frames")
    await still_counts(trade, "frames")
    await sees_colour(main, COLOURS["so-ct"])
    assert conference.complaints() == []


@pytest.mark.timeout(600)
async def test_a_shared_screen_lies_where_the_page_was(browser: Browser, house: RealHouse) -> None:
    conference = await _convened(browser, house, [MAIN, "so-ct"])
    await _opened(conference)
    delegate = await tablet(browser, house, "dungha.stc")
    await delegate.opens(f"/hop/{conference.meeting}")
    sharer = conference.secretary
    await with_camera(sharer, "#c08010")
    await sharer.opens(f"/hop/{conference.meeting}")

    await sharer.page.get_by_role("button", name="Chia sẻ màn hình").click()
    state = await conference.chair.state(conference.meeting)
    member = state["members"]["tratt.vpub"]
    label = f"Màn hình của {member['name']} · {member['unit_short']}"
    chair = conference.chair
    await chair.opens(f"/chu-toa/{conference.meeting}")
    screens = [delegate, chair, *conference.sites.values()]
    for screen in screens:
        await sees_colour(screen, "#c08010", label)

    await sharer.page.get_by_role("button", name="Vẽ lên màn hình").click()
    await _draws_across(sharer)
    for screen in screens:
        await screen.page.wait_for_function(DRAWN, arg=[25, 75])
    await chair.page.get_by_role("button", name="Vẽ lên màn hình").click()
    await chair.page.get_by_role("button", name="Xóa hết").click()
    for screen in screens:
        await screen.page.wait_for_function(f"() => !({DRAWN})([0, 100], 100)")
    await sharer.page.keyboard.press("Escape")

    await delegate.page.get_by_role("button", name="Xem tài liệu").click()
    await expect(delegate.page.get_by_label(label)).to_be_hidden()
    await expect(delegate.page.get_by_label("Trang 3 trên").first).to_be_visible()

    await sharer.page.get_by_role("button", name="Dừng chia sẻ màn hình").click()
    for screen in conference.sites.values():
        await expect(screen.page.get_by_label(label)).to_be_hidden()
        await expect(screen.page.get_by_label("Trang 3 trên")).to_be_visible()
    assert conference.complaints() == []
