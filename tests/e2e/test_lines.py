"""The technician's board and the wall with all 31 sites, each with a line of its own; media is played."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.forked import forked_house
from tests.e2e.house import RealHouse
from tests.e2e.media import Media, media_of
from tests.e2e.people import Somebody, tablet

pytestmark = pytest.mark.slow

PICTURES = os.environ.get("LINES_PICTURES", "")
"""A folder for the pictures of the screens, for whoever wants to look at them."""
SIZES = ((1920, 1080), (1180, 820))
DESKTOP = (1920, 1080)


@pytest.fixture
def house(tmp_path: Path, filled_once: Path) -> Iterator[RealHouse]:
    """A house without a media process: the test plays it."""
    shutil.copytree(filled_once / "var", tmp_path / "house/var")
    with forked_house(tmp_path / "house", parts=("web",)) as running:
        yield running


class Sight(NamedTuple):
    """The technician, the meeting, and its sites in their order."""

    technician: Somebody
    meeting: str
    sites: list[str]
    names: list[str]


async def sight_of(browser: Browser, house: RealHouse) -> Sight:
    """Who looks, and at what."""
    technician = await tablet(browser, house, "khanhhs.cds", size=DESKTOP)
    meeting = await technician.meeting()
    known = (await technician.state(meeting))["sites"]
    sites = sorted(known, key=lambda one: known[one]["order"])
    return Sight(technician, meeting, sites, [known[one]["name"] for one in sites])


async def photograph(somebody: Somebody, name: str) -> None:
    """Nothing is cut off at either size; with a folder to put them, pictures too."""
    for width, height in SIZES:
        await somebody.page.set_viewport_size({"width": width, "height": height})
        wide = await somebody.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} px too wide at {width}"
        if PICTURES:
            await somebody.page.screenshot(path=f"{PICTURES}/{name}-{width}.png")


async def everybody_comes(media: Media, sites: list[str]) -> None:
    """All but the last two; two of the others are in trouble, one is lost."""
    media.joins(*sites[:-2])
    for number, name in enumerate(sites[:-2]):
        media.fares(name, loss=number % 5, rtt=18 + number, bps=1_800_000 + number * 30_000)
    media.loses(sites[17])


async def _has_a_place_for_every_site(wall: Somebody, sites: list[str]) -> None:
    await expect(wall.page.locator("main figure")).to_have_count(len(sites) + 1)
    await expect(wall.page.get_by_text("Mất kết nối từ")).to_be_visible()
    await expect(wall.page.get_by_text("Chưa vào họp").first).to_be_visible()
    await photograph(wall, "wall")


async def _falls_ill(media: Media, sites: list[str], seen: asyncio.Task[None]) -> None:
    """Three lines are bad until that is seen."""
    while not seen.done():
        media.fares(sites[26], loss=62, bps=600_000)
        media.fares(sites[11], level=100, bps=2_200_000)
        media.fares(sites[13], bps=60_000)
        await asyncio.wait({seen}, timeout=0.5)
    await seen


async def test_the_board_shows_the_worst_first_and_the_wall_a_fixed_place_for_every_site(
    browser: Browser, house: RealHouse
) -> None:
    technician, meeting, sites, names = await sight_of(browser, house)
    wall = await tablet(browser, house, technician.user, size=DESKTOP)
    async with media_of(house, meeting) as media:
        await everybody_comes(media, sites)
        await technician.opens(f"/ky-thuat/{meeting}")
        await wall.opens(f"/tuong/{meeting}")
        rows = technician.page.locator("ul > li")
        await expect(rows).to_have_count(len(sites))
        alarms = technician.page.locator("article")
        ill = expect(alarms.filter(has_text=names[26])).to_contain_text("Mất gói 6,2%")
        await _falls_ill(media, sites, asyncio.create_task(ill))
        await expect(alarms.first).to_contain_text(names[17])
        await expect(alarms.first).to_contain_text("Mất kết nối từ")
        await expect(technician.page.get_by_text("2 chưa vào")).to_be_visible()
        await photograph(technician, "board")
        await rows.nth(26).get_by_role("button").click()
        await expect(technician.page.get_by_role("dialog")).to_contain_text("6,2%")
        await photograph(technician, "board-site")
        await _has_a_place_for_every_site(wall, sites)
    assert technician.complaints + wall.complaints == []
