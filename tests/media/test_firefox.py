"""Firefox and Chromium in one conference: each sees and hears the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.config import MediaSettings
from server.media.conference import Grants
from server.media.control import Joined
from tests.media import browser
from tests.media.browser import enter, sees
from tests.media.conftest import House, until
from tests.media.firefox import firefox

RED, BLUE = 0, 2


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_firefox_and_chromium_see_and_hear_each_other(
    tmp_path: Path, chromium_path: Path, firefox_path: Path
) -> None:
    house = House(MediaSettings(control_socket=tmp_path / "m.sock", port=0))
    await house.start()
    house.admit("fox", "chrome", stage="fox")
    async with (
        browser.doors(house.web) as server,
        firefox(firefox_path) as fox,
        browser.chromium(chromium_path) as chromium,
    ):
        await fox.goto(str(server.make_url("/page/fox")))
        page = await enter(chromium, server, "chrome")
        await fox.evaluate("window.publish('#d00000')")
        await page.evaluate("window.publish('#0000d0')")
        await fox.evaluate("window.receive(1)")
        await page.evaluate("window.receive(1)")
        await until(lambda: len(house.of(Joined)) == 4)

        await sees(page, RED, 30)
        house.admit("fox", "chrome", stage="chrome")
        await sees(fox, BLUE, 30)
        house.admit("fox", "chrome", stage="fox")
        heard = (await page.evaluate("window.counts()"))["sound"]
        await until_sound(page, heard)
        house.admit("fox", "chrome", stage="chrome", fox=Grants(audio=False, video=True))
        heard = (await fox.evaluate("window.counts()"))["sound"]
        await until_sound(fox, heard)
    await house.close()


async def until_sound(opened: browser.Opened, heard: int) -> None:
    """Wait until more sound has come than that."""
    await browser.becomes(opened, lambda counts: counts["sound"] > heard + 10)
