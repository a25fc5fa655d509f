"""Opinions and amendments at the tablets: written beside the page, answered and decided on the desk, taken away."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document
from docx.oxml.ns import qn
from playwright.async_api import Browser, Page, expect

from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, tablet
from tests.e2e.usable import is_usable

pytestmark = pytest.mark.slow

DRAFT = "Dự thảo Quyết định (lần 3)"
OPINION = "Đề nghị làm rõ nguồn kinh phí thực hiện đối với các xã mới sáp nhập."


async def reads(delegate: Somebody, meeting: str) -> Page:
    """The draft of the decision is open, with the panel beside it."""
    await delegate.opens(f"/hop/{meeting}")
    await delegate.page.get_by_role("button", name=DRAFT).first.click()
    await delegate.page.get_by_role("button", name="Góp ý", exact=True).click()
    return delegate.page


async def amends(page: Page) -> None:
    """The first clause of the first article in other words, not sent yet."""
    await page.get_by_role("tab", name="Sửa câu chữ").click()
    await page.get_by_role("button", name=re.compile("^khoản 1 Điều 1")).click()
    words = page.get_by_label("Sửa ngay trong đoạn này")
    await words.fill((await words.input_value()).replace("trình tự, thủ tục", "điều kiện, trình tự, thủ tục"))
    await expect(page.locator("ins")).to_contain_text("điều kiện,")


async def test_what_a_delegate_writes_is_answered_and_decided_and_taken_away(
    browser: Browser, house: RealHouse
) -> None:
    delegate, secretary = await tablet(browser, house, "dungha.stc"), await tablet(browser, house, "tratt.vpub")
    meeting = await secretary.meeting()
    page = await reads(delegate, meeting)
    await page.get_by_label("Nội dung ý kiến").fill(OPINION)
    await expect(page.get_by_label("Điều, khoản, điểm (nếu có)")).to_have_value("Điều 1")
    await page.get_by_role("button", name="Gửi ý kiến").click()
    await amends(page)
    await is_usable(page)
    await page.get_by_role("button", name="Gửi đề nghị sửa đổi").click()

    desk = secretary.page
    await secretary.opens(f"/thu-ky/{meeting}")
    await desk.get_by_role("button", name="Góp ý · 2 chưa trả lời").click()
    await expect(desk.get_by_text(OPINION)).to_be_visible()
    await desk.get_by_role("button", name="Trả lời", exact=True).click()
    await is_usable(desk)
    await desk.get_by_label("Nội dung tiếp thu, giải trình").fill("Bổ sung tại Điều 10.")
    await desk.get_by_role("button", name="Ghi trả lời").click()
    await desk.get_by_role("tab", name="Đề nghị sửa đổi").click()
    await desk.get_by_role("button", name="Chấp nhận", exact=True).click()
    await expect(desk.get_by_role("button", name="Xem xét lại")).to_be_visible()

    await page.get_by_role("tab", name="Đã gửi").click()
    for words in ("Tiếp thu", "Bổ sung tại Điều 10.", "Chấp nhận"):
        await expect(page.get_by_role("dialog").get_by_text(words, exact=True)).to_be_visible()
    async with desk.expect_download() as saved:
        await desk.get_by_role("link", name="Bảng so sánh (Word)").click()
    table = Document(io.BytesIO((await (await saved.value).path()).read_bytes())).tables[1]
    assert "điều kiện," in "".join(t.text or "" for mark in table._tbl.iter(qn("w:ins")) for t in mark.iter(qn("w:t")))
    assert delegate.complaints + secretary.complaints == []
