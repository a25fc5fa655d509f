"""People at their tablets: a browser context each, signed in as somebody of the demo province."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, Page, expect

from demo.accounts import PASSWORD
from tests.e2e.house import RealHouse

TABLET = (1180, 820)
PATIENCE_S = 90
"""For whatever must come true: seconds on a quiet machine, many times that on one with a dozen other tasks."""

expect.set_options(timeout=PATIENCE_S * 1000)


class Somebody:
    """One person at one device. What the page complains about is gathered in `complaints`."""

    def __init__(self, house: RealHouse, context: BrowserContext, page: Page, user: str) -> None:
        self.house = house
        self.context = context
        self.page = page
        self.user = user
        self.complaints: list[str] = []
        context.set_default_timeout(PATIENCE_S * 1000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def opens(self, path: str) -> None:
        """Go to a screen."""
        await self.page.goto(f"{self.house.url}{path}")

    async def asks(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the server directly, with this person's session."""
        answer = await self.context.request.fetch(
            f"{self.house.url}{path}", method=method, data=body, headers={"Origin": self.house.url}
        )
        return await answer.json()

    async def meeting(self) -> str:
        """The id of today's meeting."""
        return str((await self.asks("GET", "/api/meetings"))["meetings"][0]["id"])

    async def state(self, meeting: str) -> dict[str, Any]:
        """The meeting as this person may see it."""
        found: dict[str, Any] = (await self.asks("GET", f"/api/meetings/{meeting}"))["state"]
        return found

    async def commands(self, meeting: str, **command: Any) -> dict[str, Any]:
        """Send a command; it must be carried out."""
        sent = {"id": str(uuid.uuid4()), "command": command}
        answer: dict[str, Any] = await self.asks("POST", f"/api/meetings/{meeting}/commands", sent)
        assert answer["ok"], (command, answer)
        return answer

    async def sees(self, words: str) -> None:
        """These words are on the screen."""
        await expect(self.page.get_by_text(words, exact=False).first).to_be_visible()


async def becomes(look: Callable[[], Awaitable[Any]], right: Callable[[Any], bool], what: str) -> None:
    """Look again and again until it is right."""
    seen: Any = None
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        seen = await look()
        if right(seen):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{what}: still {seen!r}")


async def tablet(
    browser: Browser, house: RealHouse, user: str, size: tuple[int, int] = TABLET, signs_in: bool = False
) -> Somebody:
    """Somebody with a device; signed in by the form where `signs_in`, else by the same door without the form.

    It does not store the application: that is half of the work of opening a first page, see `lasting_tablet`.
    """
    somebody = await _with_a_device(browser, house, user, size, "block")
    return await _signed_in(somebody, signs_in)


async def lasting_tablet(
    browser: Browser, house: RealHouse, user: str, size: tuple[int, int] = TABLET, signs_in: bool = False
) -> Somebody:
    """The same with a device that stores the application (by its service worker) and starts without a network."""
    somebody = await _with_a_device(browser, house, user, size, "allow")
    return await _signed_in(somebody, signs_in)


async def _with_a_device(
    browser: Browser, house: RealHouse, user: str, size: tuple[int, int], storing: Literal["allow", "block"]
) -> Somebody:
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="vi-VN",
        has_touch=True,
        permissions=["camera", "microphone"],
        service_workers=storing,
    )
    # As on a device that many use: the first steps are shown to whoever asks (tests/e2e/test_guide.py is shown them).
    await context.add_init_script("localStorage.setItem('hopso.tours', 'off')")
    return Somebody(house, context, await context.new_page(), user)


async def _signed_in(somebody: Somebody, signs_in: bool) -> Somebody:
    if signs_in:
        await _through_the_form(somebody)
    else:
        await somebody.asks("POST", "/api/session", {"username": somebody.user, "password": PASSWORD})
    return somebody


async def _through_the_form(somebody: Somebody) -> None:
    page = somebody.page
    await somebody.opens("/dang-nhap")
    await page.get_by_label("Tên đăng nhập").fill(somebody.user)
    await page.keyboard.press("Enter")
    await page.get_by_role("textbox", name="Mật khẩu").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "dang-nhap" not in url)
