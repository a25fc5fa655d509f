"""Presenting with pointer and spotlight, a paper brought in and replaced in the middle, a notice, and who has read."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.documents.house import pdf
from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, becomes, tablet

pytestmark = pytest.mark.slow

HALL = (1920, 1080)
NAME = "Phương án ứng phó mưa lũ"
MIDDLE = re.compile(r"left: 50%;\s*top: 50%;")


def _button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(name))


async def _brings(desk: Somebody, pages: int, opens: str) -> Locator:
    """The dialog with a file of so many pages in it."""
    await _button(desk.page, opens).click()
    dialog = desk.page.get_by_role("dialog")
    file = {"name": f"{NAME}.pdf", "mimeType": "application/pdf", "buffer": pdf(pages)}
    await dialog.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    return dialog


async def _points(chair: Somebody, watchers: list[Somebody]) -> None:
    page, spot = chair.page, [one.page.locator("i.pointer:not(.fading)") for one in watchers]
    await _button(page, "^Con trỏ").click()
    hand = page.get_by_role("application", name=re.compile("Con trỏ"))
    await expect(hand).to_be_focused()
    # All look at once: a pointer that rests goes after some seconds.
    await hand.press("ArrowDown")
    await asyncio.gather(
        *(expect(each).to_have_attribute("style", MIDDLE) for each in spot),
        *(expect(each).to_have_css("opacity", "1") for each in spot),
    )
    await hand.press("ArrowRight")
    await asyncio.gather(*(expect(each).to_have_attribute("style", re.compile("52.5%")) for each in spot))
    await hand.press("Escape")
    await expect(hand).to_have_count(0)
    await _button(page, "^Chiếu sáng").click()
    await page.get_by_role("application").hover(position={"x": 300, "y": 200})
    for one in watchers:
        await expect(one.page.locator("i.spotlight:not(.fading)")).to_have_count(1)
    await _button(page, "^Chiếu sáng").click()
    for one in watchers:
        await expect(one.page.locator("i.pointer, i.spotlight")).to_have_count(0)


async def test_a_paper_comes_in_is_pointed_at_replaced_and_read(browser: Browser, house: RealHouse) -> None:
    chair = await tablet(browser, house, "trungnq.ubnd")
    secretary = await tablet(browser, house, "tratt.vpub")
    delegate = await tablet(browser, house, "dungha.stc")
    hall = await tablet(browser, house, "khanhhs.cds", HALL)
    meeting = await chair.meeting()
    await chair.commands(meeting, type="meeting.open", without_quorum=True)
    await delegate.opens(f"/hop/{meeting}")
    await hall.opens(f"/hoi-truong/{meeting}")
    await chair.opens(f"/chu-toa/{meeting}")
    await secretary.opens(f"/thu-ky/{meeting}")

    dialog = await _brings(secretary, 9, "^Đưa tài liệu vào họp")
    await _button(dialog, "^Gửi, phát hành và trình chiếu").click()
    await expect(dialog.get_by_text("Đã phát hành và đang trình chiếu.")).to_be_visible()
    await _button(dialog, "^Đóng").last.click()
    for one in (delegate, hall, chair):
        await expect(one.page.get_by_label("Trang 1 trên 9")).to_be_visible()
    await _points(chair, [delegate, hall])

    await _button(secretary.page, "^Thông báo").click()
    posting = secretary.page.get_by_role("dialog")
    await posting.get_by_label("Nội dung thông báo").fill("Giải lao 15 phút, mời các đồng chí dùng nước")
    await posting.get_by_label("15 phút, rồi tự gỡ").check()
    await _button(posting, "^Hiện thông báo").click()
    for one in (delegate, hall, chair):
        await one.sees("mời các đồng chí dùng nước")
    assert (await chair.state(meeting))["notice_until"] > 0
    await _button(secretary.page, "^Thông báo").click()
    await _button(posting, "^Gỡ thông báo").click()
    await expect(hall.page.get_by_text("mời các đồng chí dùng nước")).to_have_count(0)

    paper = (await chair.state(meeting))["shown"]["paper"]
    await chair.commands(meeting, type="page.turn", paper=paper, page=8)
    newer = await _brings(secretary, 4, "^Đưa tài liệu vào họp")
    await newer.get_by_label("Bản mới thay").check()
    await _button(newer, "^Gửi, phát hành").click()
    await delegate.sees(f"Đã có bản mới: {NAME}")
    await expect(delegate.page.get_by_label("Trang 4 trên 4")).to_be_visible()
    await _button(newer, "^Đóng").last.click()
    await _button(delegate.page, "^Đã rõ").click()

    await _button(secretary.page, "^Ai đã mở").click()
    read = secretary.page.get_by_role("dialog")
    await becomes(read.inner_text, lambda text: "Hà Anh Dũng\nđến trang 4/4" in text, "who has read")
    assert [one.complaints for one in (chair, secretary, delegate, hall)] == [[], [], [], []]
