"""A meeting in which papers are counted in the hall, help is called, and a guest sees two items only; in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, tablet

pytestmark = pytest.mark.slow

VOTERS = ("nghiacv.sct", "oanhntk.snv", "vanltb.snnmt")
GUEST = "hailc.hhdn"
INVITED, OTHERS = "Kinh tế - xã hội 2026, kế hoạch 2027", "Hỗ trợ di dời dân cư vùng sạt lở"


def _button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(name))


async def _stands_in_one_row(tools: Locator) -> None:
    box = await tools.bounding_box()
    assert box is not None and box["height"] < 80, box


async def _limit_the_guest(secretary: Somebody, meeting: str) -> None:
    page = secretary.page
    await secretary.opens(f"/chuan-bi/{meeting}")
    await page.get_by_role("tab", name=re.compile("Người dự")).click()
    await page.get_by_label("Tìm theo tên").fill("Lâm Chí Hải")
    await _button(page, "Nội dung được mời").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Chỉ các nội dung được chọn").check()
    await expect(_button(dialog, "Chọn ít nhất một nội dung")).to_be_visible()
    await dialog.get_by_label(INVITED).check()
    await _button(dialog, "Lưu").click()
    await expect(_button(page, "Nội dung được mời: 1 nội dung")).to_be_visible()


async def _sits_at_the_desk(chair: Somebody, meeting: str) -> None:
    """With larger text everything is there all the same, and the item's paper is offered to be shown."""
    page = chair.page
    await page.add_init_script("localStorage.setItem('hopso.text-scale', '1.25')")
    await chair.opens(f"/chu-toa/{meeting}")
    await chair.sees("5/27")
    await _stands_in_one_row(page.get_by_role("contentinfo"))
    for part in ("Chương trình", "Phát biểu và biểu quyết"):
        await expect(page.get_by_role("complementary", name=part)).to_have_count(1)
    await _button(page, "^Trình chiếu Tờ trình hỗ trợ").click()
    await expect(_button(page, "^Trình chiếu Tờ trình")).to_have_count(0)


async def _vote_on_paper(secretary: Somebody, chair: Somebody, delegate: Somebody, meeting: str) -> None:
    await secretary.opens(f"/thu-ky/{meeting}")
    await _stands_in_one_row(secretary.page.get_by_role("toolbar", name="Công cụ ghi biên bản"))
    await secretary.page.get_by_role("tab", name="Biểu quyết").click()
    await _button(secretary.page, "Thêm biểu quyết").click()
    planning = secretary.page.get_by_role("dialog")
    await planning.get_by_label("Cách biểu quyết").select_option("paper")
    await _button(planning, "Thêm biểu quyết").click()
    await expect(planning).to_be_hidden()
    ballots = (await chair.state(meeting))["ballots"].values()
    ballot = next(one["id"] for one in ballots if one["method"] == "paper")
    await chair.commands(meeting, type="ballot.open", ballot=ballot, without_quorum=True)
    await delegate.sees("Biểu quyết bằng phiếu giấy")
    await expect(delegate.page.get_by_text("đã bỏ phiếu")).to_have_count(0)

    await _button(secretary.page, "Nhập kết quả kiểm phiếu").click()
    sheet = secretary.page.get_by_role("dialog")
    for label, figure in (("phát ra", 5), ("thu về", 5), ("không hợp lệ", 1), ("Không tán thành", 1)):
        await sheet.get_by_label(label).fill(str(figure))
    await expect(_button(sheet, "Số liệu chưa khớp")).to_be_visible()
    await sheet.get_by_label("Tán thành", exact=True).fill("3")
    await _button(sheet, "Đóng biểu quyết: thu về").click()
    await expect(sheet).to_be_hidden()
    await _button(chair.page, "^Công bố: không thông qua").click()
    await expect(delegate.page.get_by_role("region", name="Biểu quyết").get_by_text("Tán thành 3")).to_be_visible()


async def _call_for_help(delegate: Somebody, technician: Somebody, meeting: str) -> None:
    await technician.opens(f"/ky-thuat/{meeting}")
    await _button(delegate.page, "Gọi kỹ thuật").click()
    dialog = delegate.page.get_by_role("dialog")
    await dialog.get_by_label("Cần gì").fill("Không lên hình")
    await _button(dialog, "Gọi kỹ thuật").click()
    await technician.sees("gọi kỹ thuật: Không lên hình")
    await _button(technician.page, "Đã nhận lời gọi của Hà Anh Dũng").click()
    await expect(dialog).to_contain_text("Kỹ thuật: Hồ Sỹ Khánh đã nhận")
    await _button(technician.page, "Xong việc của Hà Anh Dũng").click()
    await expect(_button(dialog, "Gọi kỹ thuật")).to_be_visible()


@pytest.mark.timeout(300)
async def test_papers_are_counted_help_comes_and_a_guest_sees_what_was_chosen(
    browser: Browser, house: RealHouse
) -> None:
    chair, secretary = await tablet(browser, house, "trungnq.ubnd"), await tablet(browser, house, "tratt.vpub")
    delegate, guest = await tablet(browser, house, "dungha.stc"), await tablet(browser, house, GUEST)
    technician = await tablet(browser, house, "khanhhs.cds")
    meeting = await chair.meeting()
    item = next(one["id"] for one in (await chair.state(meeting))["items"] if one["short"] == OTHERS)
    await chair.commands(meeting, type="attendance.arrive", place="room")
    await chair.commands(meeting, type="meeting.open", without_quorum=True)
    for voter in VOTERS:
        await secretary.commands(meeting, type="attendance.record", person=voter, state="room")
    await chair.commands(meeting, type="item.start", item=item)
    await delegate.opens(f"/hop/{meeting}")
    await delegate.sees(OTHERS)
    await _sits_at_the_desk(chair, meeting)

    await _limit_the_guest(secretary, meeting)
    await guest.opens(f"/hop/{meeting}")
    await guest.sees(INVITED)
    await _vote_on_paper(secretary, chair, delegate, meeting)
    await _call_for_help(delegate, technician, meeting)

    await expect(guest.page.get_by_role("heading", level=1)).to_have_text("Nội dung khác")
    for hidden in (OTHERS, "Thông qua", "Tán thành"):
        await expect(guest.page.get_by_text(hidden)).to_have_count(0)
    everybody = (chair, secretary, delegate, guest, technician)
    assert [one.complaints for one in everybody] == [[], [], [], [], []]
