"""Tablets without a network, in real Chromium: reading, ink, votes and restarts go on, and nothing is done twice."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pymupdf
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.forked import ForkedHouse
from tests.e2e.house import ROOT, RealHouse
from tests.e2e.people import Somebody, becomes, lasting_tablet
from tests.e2e.small import MEETING, Furnished, environment_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PAGES = 6


class FurnishedHouse(ForkedHouse):
    """The processes of the house over a small house that is furnished already: no demo to wait for."""

    def __init__(self, folder: Path, lies: Furnished) -> None:
        super().__init__(folder)
        self.lies = lies

    @property
    def authority(self) -> Path:
        return self.folder / "tls/hopso-ca.pem"

    def environment(self) -> dict[str, str]:
        own = environment_in(self.folder, self.port, WEB__STATIC_FOLDER=str(ROOT / "web/dist"))
        return {**super().environment(), **own, "HOPSO_DEMO": "false"}


@pytest.fixture
def house(furnished: tuple[Path, Furnished], built_client: None, authority: Path) -> Iterator[FurnishedHouse]:
    """Instead of the demo province."""
    shutil.copytree(authority, furnished[0] / "tls")
    running = FurnishedHouse(*furnished)
    try:
        running.start()
        yield running
    finally:
        running.stop()


class Reader(Somebody):
    """Somebody in the room, with eyes for pages and a hand for ink."""

    async def is_on_page(self, page: int) -> None:
        seen = self.page.get_by_label(f"Trang {page} trên {PAGES}").first
        await expect(seen).to_be_visible()

    async def draws(self, height: float) -> None:
        """A line across the page at this share of its height, with the pen, for oneself."""
        pen = self.page.get_by_role("toolbar").get_by_role("button", name="Bút", exact=True)
        if await pen.get_attribute("aria-pressed") != "true":
            await pen.click()
        box = await self.page.locator(".stage .in").bounding_box()
        assert box is not None
        y = box["y"] + box["height"] * height
        middle = box["x"] + box["width"] / 2
        await self.page.mouse.move(middle - 100, y)
        await self.page.mouse.down()
        for step in range(1, 11):
            await self.page.mouse.move(middle - 100 + 20 * step, y)
        await self.page.mouse.up()

    async def inked(self) -> int:
        """How many separate lines of ink stand on the page: bands of coloured pixels, from top to bottom."""
        return int(await self.page.evaluate(BANDS))

    async def has_ink(self, lines: int) -> None:
        """So many lines are seen, within moments."""
        await becomes(self.inked, lambda seen: seen == lines, f"{lines} lines of ink")

    async def kept_on_device(self) -> None:
        """Service worker active, every page of the papers here, the room's state kept."""
        await self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        wanted = f"/pages/{self.house.lies.versions['all']}/{PAGES}/text.json"  # type: ignore[attr-defined]
        found = f"caches.match('{wanted}', {{ignoreVary: true}}).then((kept) => kept !== undefined)"
        await becomes(lambda: self.page.evaluate(found), bool, "the pages on the device")
        # The room keeps its state every four seconds, by the clock of this page.
        await self.page.evaluate("new Promise((done) => setTimeout(done, 4500))")

    async def saved_strokes(self) -> int:
        """The ink of my own that the exported PDF bears."""
        paper = self.house.lies.papers["all"]  # type: ignore[attr-defined]
        answer = await self.context.request.get(f"{self.house.url}/api/papers/{paper}/annotated.pdf?layers=mine")
        assert answer.ok, answer.status
        opened = pymupdf.open(stream=await answer.body(), filetype="pdf")
        return sum(len(list(page.annots())) for page in opened)


BANDS = """() => {
  let bands = 0;
  for (const canvas of document.querySelectorAll(".stage .in canvas")) {
    const { width, height } = canvas;
    if (!width || !height) continue;
    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    let inside = false;
    for (let y = 0; y < height; y++) {
      let ink = false;
      for (let x = 0; x < width && !ink; x += 2) ink = data[4 * (y * width + x) + 3] > 40;
      if (ink && !inside) bands++;
      inside = ink;
    }
  }
  return bands;
}"""


async def reader(browser: Browser, house: RealHouse, user: str) -> Reader:
    """Somebody who has opened the room."""
    somebody = await lasting_tablet(browser, house, user)
    made = Reader(house, somebody.context, somebody.page, user)
    await made.opens(f"/hop/{MEETING}")
    await made.sees("Báo cáo quý III")
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def chair(browser: Browser, house: FurnishedHouse) -> AsyncIterator[Somebody]:
    """The chair, who shows the first page of the paper for all."""
    somebody = await lasting_tablet(browser, house, "chair")
    await somebody.commands(MEETING, type="paper.show", paper=house.lies.papers["all"], page=1)
    yield somebody


async def turn(chair: Somebody, house: FurnishedHouse, page: int) -> None:
    await chair.commands(MEETING, type="page.turn", paper=house.lies.papers["all"], page=page)


async def test_ink_drawn_without_a_network_survives_a_reload_and_arrives_once(
    browser: Browser, house: FurnishedHouse, chair: Somebody
) -> None:
    delegate = await reader(browser, house, "delegate")
    await turn(chair, house, 3)
    await delegate.is_on_page(3)
    await delegate.draws(0.2)
    await delegate.has_ink(1)
    await becomes(delegate.saved_strokes, lambda saved: saved == 1, "the stroke at the server")
    await delegate.kept_on_device()

    await delegate.context.set_offline(True)
    await delegate.draws(0.4)
    await delegate.has_ink(2)
    await turn(chair, house, 4)
    await delegate.is_on_page(3)
    await delegate.page.reload()
    await delegate.is_on_page(3)
    await delegate.has_ink(2)
    await delegate.draws(0.6)
    await delegate.has_ink(3)

    await delegate.context.set_offline(False)
    await delegate.is_on_page(4)
    await becomes(delegate.saved_strokes, lambda saved: saved == 3, "three strokes at the server")
    await turn(chair, house, 3)
    await delegate.is_on_page(3)
    await delegate.has_ink(3)
    assert await delegate.saved_strokes() == 3
    assert delegate.complaints == []


async def test_a_killed_tablet_comes_back_to_page_item_and_ink_without_signing_in(
    browser: Browser, house: FurnishedHouse, chair: Somebody
) -> None:
    delegate = await reader(browser, house, "delegate")
    await turn(chair, house, 2)
    await delegate.is_on_page(2)
    await delegate.draws(0.3)
    await becomes(delegate.saved_strokes, lambda saved: saved == 1, "the stroke at the server")
    await delegate.page.close(run_before_unload=False)

    await turn(chair, house, 5)
    await turn(chair, house, 2)
    back = Reader(house, delegate.context, await delegate.context.new_page(), "delegate")
    await back.opens(f"/hop/{MEETING}")
    await back.is_on_page(2)
    await back.has_ink(1)
    await back.sees("Báo cáo quý III")
    assert "dang-nhap" not in back.page.url


async def test_who_reads_alone_stays_and_who_only_zooms_still_follows(
    browser: Browser, house: FurnishedHouse, chair: Somebody
) -> None:
    alone, zooming = await reader(browser, house, "delegate"), await reader(browser, house, "second")
    await alone.is_on_page(1)
    await alone.page.locator(".stage .in").focus()
    await alone.page.keyboard.press("ArrowRight")
    await alone.is_on_page(2)
    await alone.sees("Đang xem riêng trang 2")
    await zooming.is_on_page(1)
    await zooming.page.locator(".stage .in").focus()
    await zooming.page.keyboard.press("+")
    await zooming.page.keyboard.press("+")
    await expect(zooming.page.get_by_role("radio", name="Theo trình chiếu")).to_be_checked()

    await turn(chair, house, 5)
    await zooming.is_on_page(5)
    await alone.sees("Trình chiếu đang ở trang 5")
    await alone.is_on_page(2)
    await alone.page.get_by_role("radio", name="Theo trình chiếu").click()
    await alone.is_on_page(5)


async def test_a_vote_without_a_network_is_sent_once_and_a_steering_command_fails_visibly(
    browser: Browser, house: FurnishedHouse, chair: Somebody
) -> None:
    delegate = await reader(browser, house, "delegate")
    ballot = house.lies.ballots[0]
    await chair.commands(MEETING, type="ballot.open", ballot=ballot)
    agree = delegate.page.get_by_role("radio", name="Tán thành", exact=True).first
    await expect(agree).to_be_visible()
    await delegate.context.set_offline(True)
    await agree.click()
    await delegate.sees("phiếu được giữ trên máy")
    await delegate.context.set_offline(False)
    await delegate.sees("Đã ghi nhận")
    await chair.commands(MEETING, type="ballot.close", ballot=ballot)
    await chair.commands(MEETING, type="ballot.announce", ballot=ballot, names=True)
    counted = (await chair.state(MEETING))["ballots"][ballot]
    assert (counted["votes"], counted["cast"]) == ({"delegate": "agree"}, 1)


async def test_a_page_turned_by_the_presenter_without_a_network_moves_nobody_later(
    browser: Browser, house: FurnishedHouse, chair: Somebody
) -> None:
    presenter, follower = await reader(browser, house, "delegate"), await reader(browser, house, "second")
    await chair.commands(MEETING, type="presenting.hand_over", to="delegate")
    await presenter.is_on_page(1)
    await presenter.page.locator(".stage .in").focus()
    await presenter.page.keyboard.press("ArrowRight")
    await follower.is_on_page(2)
    await presenter.is_on_page(2)
    await presenter.context.set_offline(True)
    await presenter.page.keyboard.press("ArrowRight")
    await presenter.sees("Máy chủ chưa trả lời")
    await presenter.sees("Đang nối lại")
    await presenter.context.set_offline(False)
    await expect(presenter.page.get_by_text("Đang nối lại")).to_have_count(0)
    await presenter.page.keyboard.press("ArrowRight")
    await follower.is_on_page(3)
    state = await chair.state(MEETING)
    assert state["shown"]["page"] == 3
