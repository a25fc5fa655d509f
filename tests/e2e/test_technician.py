"""A technician looks after real sites: the board, sound only, a new connection, the wall; and a site tries its line."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conference import OWN, invitation, sees_colour, site
from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, becomes, tablet
from tests.e2e.usable import is_usable

pytestmark = pytest.mark.slow

BRANCH, NAME, COLOUR = "so-ct", "Sở Công Thương", "#1030c0"


async def row_of(technician: Somebody, meeting: str) -> dict[str, object]:
    """The branch site's line as the server says it."""
    board = await technician.asks("GET", f"/api/meetings/{meeting}/lines")
    return next(row for row in board["rows"] if row["site"] == BRANCH)


async def answers(page: Page, *buttons: str) -> None:
    """Press these, one after the other, as each appears."""
    dialog = page.get_by_role("dialog")
    for button in buttons:
        await dialog.get_by_role("button", name=button, exact=True).click()


async def test_a_technician_sees_a_real_site_and_mends_its_line(browser: Browser, house: RealHouse) -> None:
    technician = await tablet(browser, house, "khanhhs.cds", size=(1920, 1080))
    secretary = await tablet(browser, house, "tratt.vpub")
    meeting = await technician.meeting()
    branch = await site(browser, house, await invitation(secretary, meeting, BRANCH), COLOUR)
    await technician.opens(f"/ky-thuat/{meeting}")
    line = technician.page.locator("ul > li").filter(has_text=NAME)
    await expect(line).to_contain_text("Tốt")
    await becomes(lambda: row_of(technician, meeting), lambda row: bool(row["layer"]), "a picture arrives")

    await line.get_by_role("button").click()
    dialog = technician.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Chỉ truyền tiếng").click()
    await branch.sees("Kỹ thuật đã chuyển điểm cầu này sang chỉ truyền tiếng")
    await becomes(lambda: row_of(technician, meeting), lambda row: row["layer"] == "", "no picture arrives")
    await dialog.get_by_role("button", name="Truyền lại hình").click()
    await becomes(lambda: row_of(technician, meeting), lambda row: bool(row["layer"]), "the picture is back")

    drops = (await row_of(technician, meeting))["drops"]
    await dialog.get_by_role("button", name="Kết nối lại").click()
    back = "it came back by itself"
    await becomes(
        lambda: row_of(technician, meeting), lambda row: row["drops"] != drops and row["state"] == "good", back
    )

    wall = await technician.context.new_page()
    await wall.goto(f"{house.url}/tuong/{meeting}")
    screen = Somebody(house, technician.context, wall, technician.user)
    await sees_colour(screen, COLOUR, label=NAME)
    assert technician.complaints + branch.complaints + screen.complaints == []


async def test_a_site_tries_its_line_and_the_board_knows(browser: Browser, house: RealHouse) -> None:
    technician = await tablet(browser, house, "khanhhs.cds", size=(1920, 1080))
    secretary = await tablet(browser, house, "tratt.vpub")
    meeting = await technician.meeting()
    branch = await site(browser, house, await invitation(secretary, meeting, BRANCH), COLOUR)
    await sees_colour(branch, COLOUR, label=OWN)
    await branch.page.get_by_role("button", name="Thử thông tuyến").click()
    await answers(branch.page, "Thấy rõ", "Tiếp theo", "Phát tiếng thử", "Nghe thấy")
    dialog = branch.page.get_by_role("dialog")
    await dialog.get_by_label("Họ tên người thử").fill("Mai Thị Dung")
    await answers(branch.page, "Ghi kết quả")
    await expect(dialog).to_contain_text("Đã thử thông tuyến: Mai Thị Dung")

    tests = (await secretary.asks("GET", f"/api/meetings/{meeting}/line-tests"))["tests"]
    found = tests[BRANCH]["findings"]
    assert (found["camera"], found["loudspeaker"], found["route"]) == ("seen", "heard", "udp")
    assert found["server"].endswith(f":{house.media_port}")
    assert found["up_bps"] > 0 and found["down_bps"] > 0
    await technician.opens(f"/ky-thuat/{meeting}")
    await expect(technician.page.locator("ul > li").filter(has_text=NAME)).to_contain_text("Mai Thị Dung")
    assert branch.complaints == []


async def test_a_site_waits_to_be_let_in_and_stands_in_the_hand_of_the_technician(
    browser: Browser, house: RealHouse
) -> None:
    technician = await tablet(browser, house, "khanhhs.cds", size=(1280, 800))
    secretary = await tablet(browser, house, "tratt.vpub")
    meeting = await technician.meeting()
    await technician.opens(f"/ky-thuat/{meeting}")
    foot = technician.page.locator("footer")
    await foot.get_by_role("button", name="Các điểm cầu", exact=True).click()
    dialog = technician.page.get_by_role("dialog")
    await dialog.get_by_role("switch", name="Phòng chờ").click()
    branch = await site(browser, house, await invitation(secretary, meeting, BRANCH), COLOUR)
    await branch.sees("Đang ở phòng chờ")
    await dialog.get_by_role("button", name="Cho vào họp: 1 điểm cầu đang chờ").click()
    await expect(branch.page.get_by_text("Đang ở phòng chờ")).to_have_count(0)
    await becomes(lambda: row_of(technician, meeting), lambda row: bool(row["layer"]), "its picture arrives")

    await dialog.get_by_role("button", name=f"Khóa quyền tự mở micrô: {NAME}").click()
    await branch.sees("đã khóa quyền tự mở micrô")
    await dialog.get_by_role("button", name=f"Trả quyền tự mở micrô: {NAME}").click()
    await expect(branch.page.get_by_role("button", name="Thử micrô")).to_be_visible()

    await dialog.get_by_label("Lưới đều nhau").check()
    await expect(branch.page.locator("section.pictures.grid")).to_be_visible()
    await is_usable(branch.page)
    await dialog.get_by_role("button", name=f"Đưa lên hình chính: {NAME}").click()
    wall = await technician.context.new_page()
    await wall.goto(f"{house.url}/tuong/{meeting}")
    screen = Somebody(house, technician.context, wall, technician.user)
    await sees_colour(screen, COLOUR)
    await dialog.get_by_role("button", name=f"Thôi giữ hình chính: {NAME}").click()
    await dialog.get_by_label("Theo từng điểm cầu").check()
    await expect(branch.page.locator("section.pictures.beside")).to_be_visible()
    await dialog.get_by_role("switch", name="Phòng chờ").click()
    assert technician.complaints + branch.complaints + screen.complaints == []
