"""The whole way through real browsers: camera → WHIP → forwarder → WHEP → picture on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from server.config import MediaSettings
from server.media.conference import Grants
from server.media.control import Coding, Joined
from tests.media import browser
from tests.media.browser import becomes, enter, falls_silent, sees
from tests.media.conftest import House, until

COLOURS = {"a": "#d00000", "b": "#0000d0", "c": "#00a000"}


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[tuple[House, TestServer]]:
    """The house with its HTTP doors, on every local address as in production."""
    house = House(MediaSettings(control_socket=tmp_path / "m.sock", port=0))
    await house.start()
    async with browser.doors(house.web) as server:
        yield house, server
    await house.close()


@pytest.fixture
async def chromium(chromium_path: Path) -> AsyncIterator[Browser]:
    async with browser.chromium(chromium_path) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_three_browsers_see_whoever_is_on_stage_and_a_mute_silences(
    doors: tuple[House, TestServer], chromium: Browser
) -> None:
    house, server = doors
    house.admit("a", "b", "c", stage="a")
    pages = {name: await enter(chromium, server, name) for name in COLOURS}
    for name, opened in pages.items():
        await opened.evaluate(f"window.publish('{COLOURS[name]}')")
        await opened.evaluate("window.receive(1)")
    await until(lambda: len(house.of(Joined)) == 6)

    await sees(pages["b"], 0)
    await sees(pages["c"], 0)
    house.admit("a", "b", "c", stage="b")
    await sees(pages["a"], 2)
    await sees(pages["c"], 2)
    house.admit("a", "b", "c", stage="c")
    await sees(pages["a"], 1)
    await sees(pages["b"], 1)

    before = await pages["a"].evaluate("window.counts()")
    await becomes(pages["a"], lambda now: now["frames"] > before["frames"] and now["sound"] > before["sound"])
    # Statistics name the codec inside. A voice of 32 kbit/s has 80 octets: each packet brings another one along.
    assert await pages["a"].evaluate("window.voice()") > 140

    await _h264_comes_and_is_decoded(house, pages)

    silent = Grants(audio=False, video=True)
    house.admit("a", "b", "c", stage="c", a=silent, b=silent, c=silent)
    await falls_silent(pages["a"])


async def _h264_comes_and_is_decoded(house: House, pages: dict[str, Page]) -> None:
    """Somebody joins who takes no VP8: the browsers go over to H264 in their sessions, and show it to each other."""
    house.admit("a", "b", "c", "d", stage="c")
    only = await house.watch("d", 1, only="H264")
    await until(lambda: {one.endpoint for one in house.of(Coding)} == set(pages))  # type: ignore[attr-defined]
    # The web process tells the browsers what it has observed; here by hand.
    for told in house.of(Coding):
        await pages[told.endpoint].evaluate(f"window.up.setCoding('{told.session}', '{told.codec}')")  # type: ignore[attr-defined]
    await until(lambda: any(one[1] & 0x7F == 102 for one in only.packets))
    house.admit("a", "b", "c", "d", stage="b")
    await sees(pages["a"], 2)
    assert await pages["a"].evaluate("window.decoded()") == ["video/H264"]
    assert len(house.of(Joined)) == 7, "the same sessions, and the newcomer"


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_browser_comes_back_after_the_media_process_was_replaced(
    doors: tuple[House, TestServer], chromium: Browser
) -> None:
    house, server = doors
    house.admit("a", "b", stage="a")
    a, b = await enter(chromium, server, "a"), await enter(chromium, server, "b")
    await a.evaluate(f"window.publish('{COLOURS['a']}')")
    await b.evaluate("window.receive(1)")
    await sees(b, 0)
    sessions = [one.session for one in house.of(Joined)]
    await house.stop_media()
    await house.start_media()
    await until(house.web.up.is_set)
    assert len(sessions) == 2
    # The web process tells the browsers what it has observed; here by hand.
    await a.evaluate("window.up.goodbye(window.up.session, 'lost')")
    await b.evaluate("window.down.goodbye(window.down.session, 'lost')")
    await until(lambda: len(house.of(Joined)) == 4)
    frames = (await b.evaluate("window.counts()"))["frames"]
    await becomes(b, lambda now: now["frames"] > frames)
