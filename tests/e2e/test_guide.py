"""Quản trị, the guide and the first steps in a real browser, each reachable and usable by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.house import RealHouse
from tests.e2e.people import tablet

pytestmark = pytest.mark.slow


async def test_an_administrator_makes_an_account_and_a_newcomer_is_shown_the_first_steps(
    browser: Browser, house: RealHouse
) -> None:
    admin, newcomer = await tablet(browser, house, "trietdm.cds"), await tablet(browser, house, "dungha.stc")
    page = admin.page
    await admin.opens("/quan-tri")
    await page.get_by_role("button", name="Thêm người").click()
    await page.get_by_label("Họ và tên").fill("Nguyễn Thị Kiều Oanh")
    await page.get_by_role("dialog").get_by_label("Đơn vị", exact=True).select_option(label="Sở Y tế tỉnh Lam Giang")
    await page.get_by_role("button", name="Thêm và cấp mật khẩu").click()
    given = page.get_by_role("dialog", name="Mật khẩu mới").locator("code")
    username, password = await given.nth(0).inner_text(), await given.nth(1).inner_text()
    await page.get_by_role("button", name="Đã ghi lại, đóng").click()
    await expect(page.get_by_role("heading", name="Nguyễn Thị Kiều Oanh")).to_be_visible()
    await admin.sees("Thêm người và tài khoản")
    step = await newcomer.asks("POST", "/api/session", {"username": username, "password": password})
    assert step["step"] == "change"

    page = newcomer.page
    await newcomer.context.add_init_script("localStorage.removeItem('hopso.tours')")
    await newcomer.opens(f"/hop/{await newcomer.meeting()}")
    steps = page.get_by_role("dialog", name="Theo trình chiếu hoặc Xem riêng")
    await expect(steps).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("dialog", name="Đăng ký phát biểu")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert "room " in await page.evaluate("localStorage.getItem('hopso.tours')")

    await page.keyboard.press("F1")
    guide = page.get_by_role("dialog", name="Hướng dẫn")
    await expect(guide.get_by_text("Màn hình tự chuyển trang")).to_be_visible()
    await guide.get_by_role("searchbox").fill("quen mat khau")
    await guide.get_by_text("Có người quên mật khẩu").click()
    await expect(guide.get_by_text("Xác minh đúng người")).to_be_visible()
    await guide.get_by_role("searchbox").fill("")
    await guide.get_by_role("button", name="Xem lại các bước làm quen").click()
    await expect(steps).to_be_visible()
    assert admin.complaints + newcomer.complaints == []
