"""Seats and shared tablets: drawn, bound, sat down at with a PIN, shown in the hall, and empty after the closing."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from demo.fill import PIN
from tests.e2e.house import RealHouse
from tests.e2e.people import tablet
from tests.e2e.usable import is_usable

pytestmark = pytest.mark.slow

SEAT, NAME = "C1", "Hà Anh Dũng"
PRESENT = re.compile(f"{NAME}, có mặt")
LEFT_BEHIND = """async () => [
  ...Object.keys(localStorage).filter((key) => ["hopso.me", "hopso.unit", "hopso.pages-of"].includes(key)),
  ...(await caches.keys()).filter((name) => name === "hopso-pages"),
  ...(await indexedDB.databases()).map((one) => one.name),
]"""


async def test_whoever_sits_at_a_shared_tablet_leaves_nothing_on_it(browser: Browser, house: RealHouse) -> None:
    technician, secretary = await tablet(browser, house, "khanhhs.cds"), await tablet(browser, house, "tratt.vpub")
    chair, shared = await tablet(browser, house, "trungnq.ubnd"), await tablet(browser, house, "")
    meeting = await secretary.meeting()
    # A meeting that sits is offered at any hour, one of the coming morning not before it dawns.
    await chair.commands(meeting, type="meeting.open", without_quorum=True)
    code = (await technician.asks("POST", "/api/rooms/phong-hop-so-1/tablet-code"))["code"]

    await shared.opens(f"/gan-may#{code}")
    await shared.page.locator(f"[data-seat={SEAT}]").click()
    await shared.page.get_by_role("button", name=f"Gắn vào chỗ {SEAT}").click()
    await expect(shared.page.get_by_role("button", name=f"Tôi là {NAME}")).to_be_visible()
    await is_usable(shared.page)
    await shared.page.get_by_role("button", name=f"Tôi là {NAME}").click()
    for digit in PIN:
        await shared.page.keyboard.press(digit)
    await expect(shared.page).to_have_url(f"{house.url}/hop/{meeting}")
    await shared.sees("Đăng ký phát biểu")

    await secretary.opens(f"/thu-ky/{meeting}")
    await secretary.page.get_by_role("button", name="Sơ đồ chỗ ngồi").click()
    seats = secretary.page.get_by_role("group", name="Sơ đồ chỗ ngồi: Phòng họp số 1")
    await expect(seats.locator(f"[data-seat={SEAT}]")).to_have_accessible_name(PRESENT)
    await seats.locator(f"[data-seat={SEAT}]").click()
    await secretary.page.get_by_role("button", name="Đổi chỗ…").click()
    await seats.locator("[data-seat=D4]").click()
    await expect(seats.locator("[data-seat=D4]")).to_have_accessible_name(PRESENT)
    await secretary.page.get_by_role("button", name="Chiếu lên màn hình hội trường").click()
    await technician.opens(f"/hoi-truong/{meeting}")
    await expect(technician.page.get_by_role("img", name=re.compile(f"D4.*{NAME}, có mặt"))).to_be_visible()

    await chair.commands(meeting, type="meeting.close")
    await expect(shared.page).to_have_url(f"{house.url}/cho-ngoi")
    await shared.sees("Chưa có cuộc họp nào tại phòng này")
    assert (await shared.asks("GET", "/api/me"))["code"] == "session.none"
    assert await shared.page.evaluate(LEFT_BEHIND) == []
    assert technician.complaints + secretary.complaints + shared.complaints == []
