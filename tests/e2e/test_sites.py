"""A site whose line fails is there by telephone: on the board, the wall and the sheet."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.house import RealHouse
from tests.e2e.people import tablet

pytestmark = pytest.mark.slow

BRANCH, NAME, NUMBER = "so-ct", "Sở Công Thương", "0230 000 4555"


async def test_a_site_by_telephone_is_on_the_board_the_wall_and_the_sheet(browser: Browser, house: RealHouse) -> None:
    technician = await tablet(browser, house, "khanhhs.cds", size=(1920, 1080))
    secretary = await tablet(browser, house, "tratt.vpub")
    meeting = await technician.meeting()
    await technician.opens(f"/ky-thuat/{meeting}")
    line = technician.page.locator("ul > li").filter(has_text=NAME)
    await line.get_by_role("button").click()
    await technician.page.get_by_role("button", name="Qua điện thoại", exact=True).click()
    dialog = technician.page.get_by_role("dialog", name=f"{NAME}: dự qua điện thoại")
    await dialog.get_by_label("Số điện thoại").fill(NUMBER)
    await dialog.get_by_role("button", name="Ghi nhận dự qua điện thoại").click()
    await expect(technician.page.get_by_text(f"Qua điện thoại, số {NUMBER}")).to_be_visible()
    await technician.page.get_by_role("button", name="Đóng", exact=True).first.click()
    await expect(line).to_contain_text("Điện thoại")

    await secretary.opens(f"/thu-ky/{meeting}")
    voices = secretary.page.get_by_role("region", name="Điểm cầu dự qua điện thoại")
    await expect(voices).to_contain_text(NUMBER)
    await technician.opens(f"/tuong/{meeting}")
    await expect(technician.page.get_by_text("Qua điện thoại · …555")).to_be_visible()
    assert technician.complaints + secretary.complaints == []
