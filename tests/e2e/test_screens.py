"""The main screens as everybody must be able to use them: axe finds nothing, targets are large, nothing is cut."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.house import RealHouse
from tests.e2e.people import TABLET, Somebody, lasting_tablet, tablet
from tests.e2e.usable import is_usable, opened_is_usable

pytestmark = pytest.mark.slow

PORTRAIT, FLOOR, HALL = (800, 1280), (1280, 800), (1920, 1080)
AROUND = (
    ("/quan-tri", "Đoàn Minh Triết"),
    ("/phong-hop", "Phòng họp số 1"),
    ("/diem-cau", "điểm cầu đang dùng"),
    ("/gan-may", "Gắn máy vào chỗ ngồi"),
    ("/tim-kiem", "Nhập từ cần tìm"),
    ("/tai-lieu-ca-nhan", "Chưa có tài liệu cá nhân"),
)
"""Screens beside the meetings: the path, and words that are there once it is."""
DESK_DIALOGS = (
    ("Đưa tài liệu vào họp", "Thả tệp vào màn hình này"),
    ("Thông báo", "Nội dung thông báo"),
    ("Góp ý", "Bảng tổng hợp (Word)"),
    ("Ai đã mở tài liệu", "Chưa mở"),
)
"""What the secretary opens from the foot of the desk: the button, and words that are in it."""
TOPIC = "Nguồn vốn đối ứng của ngân sách cấp xã đối với các hộ nằm ngoài danh sách rà soát đợt 1 được bố trí từ đâu"
NOTICE = "Đề nghị lãnh đạo các sở, ban, ngành và Chủ tịch Ủy ban nhân dân các xã Mường Dạ, Nậm Sang ở lại hội ý"
CUT = """() => {
  const within = document.querySelector("aside").getBoundingClientRect();
  return [...document.querySelectorAll("aside > :not(.picture)")]
    .map((one) => [one.textContent, one.getBoundingClientRect()])
    .filter(([, { height, bottom }]) => height < 20 || bottom > within.bottom)
    .map(([words]) => words);
}"""
"""What of the speaker does not fit beside the page in the hall."""
HEIGHTS = "() => ['ol', '.foot'].map((one) => document.querySelector(one).getBoundingClientRect().height)"


async def _sees(somebody: Somebody, path: str, words: str) -> Page:
    """This screen, when these words are on it."""
    await somebody.opens(path)
    await expect(somebody.page.get_by_text(words).filter(visible=True).first).to_be_visible()
    return somebody.page


async def _opened(chair: Somebody) -> tuple[str, dict[str, Any]]:
    """The demo meeting at its third item, which has a vote, with a page on screen."""
    meeting = await chair.meeting()
    state = await chair.state(meeting)
    ballot = next(ballot for ballot in state["ballots"].values() if ballot["state"] == "planned")
    paper = next(paper for paper in state["papers"].values() if paper["item"] == ballot["item"])
    await chair.commands(meeting, type="attendance.arrive", place="room")
    await chair.commands(meeting, type="meeting.open", without_quorum=True)
    await chair.commands(meeting, type="item.start", item=ballot["item"])
    await chair.commands(meeting, type="paper.show", paper=paper["id"], page=2)
    return meeting, ballot


async def _is_readable_with_much_to_say(chair: Somebody, meeting: str, hall: Somebody, secretary: Somebody) -> None:
    """A long topic and a long notice push neither the clock out of the hall nor the agenda off the desk."""
    await chair.commands(meeting, type="floor.invite", person=chair.user, topic=TOPIC, at_once=True)
    await chair.commands(meeting, type="notice.post", text=f"{NOTICE}. {NOTICE}.")
    for one in (hall, secretary):
        await one.sees(TOPIC)
        await one.sees(NOTICE)
    assert await hall.page.evaluate(CUT) == []
    agenda, foot = await secretary.page.evaluate(HEIGHTS)
    assert agenda > 150 and foot < 110, (agenda, foot)
    await chair.commands(meeting, type="floor.end")
    await chair.commands(meeting, type="notice.post", text="")


@pytest.mark.timeout(600)
async def test_everybody_can_use_the_screens_of_a_meeting(browser: Browser, house: RealHouse) -> None:
    chair = await tablet(browser, house, "trungnq.ubnd", FLOOR)
    secretary = await tablet(browser, house, "tratt.vpub", FLOOR)
    delegate = await tablet(browser, house, "dungha.stc", TABLET)
    portrait = await tablet(browser, house, "vanltb.snnmt", PORTRAIT)
    hall = await tablet(browser, house, "khanhhs.cds", HALL)

    await is_usable(await _sees(secretary, "/", "Phiên họp thường kỳ"))
    await is_usable(await _sees(secretary, "/tai-khoan", "Đổi mật khẩu"))
    meeting, ballot = await _opened(chair)
    await is_usable(await _sees(secretary, f"/chuan-bi/{meeting}", "Khai mạc"))
    await is_usable(await _sees(chair, f"/chu-toa/{meeting}", "có mặt"))
    await is_usable(await _sees(secretary, f"/thu-ky/{meeting}", "BIÊN BẢN"))
    await is_usable(await _sees(delegate, f"/hop/{meeting}", "Hàng phát biểu"))
    await is_usable(await _sees(portrait, f"/hop/{meeting}", "Chương trình"))
    await is_usable(await _sees(portrait, f"/diem-danh/{meeting}", "Vào phòng họp"))
    await is_usable(await _sees(hall, f"/hoi-truong/{meeting}", "Chưa có ai phát biểu"))

    await _is_readable_with_much_to_say(chair, meeting, hall, secretary)

    await delegate.page.get_by_role("button", name="Thêm").click()
    await expect(delegate.page.get_by_role("heading", name="Tôi đang ở")).to_be_visible()
    await is_usable(delegate.page)
    await delegate.page.keyboard.press("Escape")
    await chair.commands(meeting, type="ballot.open", ballot=ballot["id"], without_quorum=True)
    await delegate.sees("Biểu quyết đang mở")
    await is_usable(delegate.page)
    await hall.sees("Biểu quyết đang mở")
    await is_usable(hall.page)

    me = (await chair.asks("GET", "/api/me"))["person"]
    await chair.commands(meeting, type="ballot.cast", ballot=ballot["id"], mandate=me, choice="agree")
    await chair.commands(meeting, type="ballot.close", ballot=ballot["id"])
    await chair.commands(meeting, type="ballot.announce", ballot=ballot["id"], names=True)
    await delegate.page.get_by_text("Danh sách theo tên").first.click()
    await is_usable(delegate.page)
    await chair.commands(meeting, type="meeting.pause", reason="Nghỉ giải lao")
    await hall.sees("Sau giải lao, tiếp tục")
    await is_usable(hall.page)
    assert delegate.complaints + portrait.complaints + hall.complaints == []


@pytest.mark.timeout(600)
async def test_everybody_can_use_what_opens_during_a_meeting(browser: Browser, house: RealHouse) -> None:
    """What is asked, written and brought in while it runs: looked at where a tablet of 1180 has least room."""
    chair, secretary, delegate, guest = [
        await tablet(browser, house, user) for user in ("trungnq.ubnd", "tratt.vpub", "dungha.stc", "hailc.hhdn")
    ]
    meeting, _ = await _opened(chair)
    await _sees(secretary, f"/thu-ky/{meeting}", "BIÊN BẢN")
    await is_usable(secretary.page)
    for button, words in DESK_DIALOGS:
        await opened_is_usable(secretary.page, button, words)

    page = await _sees(delegate, f"/hop/{meeting}", "Hàng phát biểu")
    await page.get_by_role("button", name="Góp ý").click()
    for tab, words in (("Góp ý", "Nội dung ý kiến"), ("Sửa câu chữ", "Chọn đoạn cần sửa")):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.get_by_text(words).first).to_be_visible()
        await is_usable(page)
    # The pen's choices are asked for last: they stand over the panel, where they can be tapped.
    await page.get_by_role("button", name="Hình, ghi chú").click()
    await page.get_by_role("radio", name="Đậm").click()

    await is_usable(await _sees(guest, f"/hop/{meeting}", "Chương trình"))
    assert secretary.complaints + delegate.complaints + guest.complaints == []


@pytest.mark.timeout(600)
async def test_everybody_can_use_the_screens_around_a_meeting(browser: Browser, house: RealHouse) -> None:
    admin = await tablet(browser, house, "trietdm.cds", TABLET)
    for path, words in AROUND:
        await is_usable(await _sees(admin, path, words))
    page = await _sees(admin, "/quan-tri", "Đoàn Minh Triết")
    await page.get_by_role("button", name="Đoàn Minh Triết").click()
    await expect(page.get_by_role("heading", name="Tài khoản")).to_be_visible()
    await is_usable(page)
    await page.keyboard.press("F1")
    await page.get_by_text("Thêm người, cấp tài khoản?").click()
    await is_usable(page)

    await page.goto(f"{house.url}/quan-tri")
    await opened_is_usable(page, "Thêm người", "Quyền ngoài cuộc họp")
    await page.get_by_role("button", name="Nhập từ tệp").click()
    lines = "Họ và tên,Đơn vị,Tên đăng nhập\nLê An,Sở Xây dựng,an.sxd\nLê Bình,Sở Mỏ,".encode()
    await page.locator("input[type=file]").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": lines})
    await expect(page.get_by_text("Không có đơn vị “Sở Mỏ”")).to_be_visible()
    await is_usable(page)
    await page.get_by_role("tab", name="Cơ cấu tổ chức").click()
    await opened_is_usable(page, "Thêm đơn vị", "Trực thuộc")

    technician = await tablet(browser, house, "khanhhs.cds", PORTRAIT)
    meeting = await technician.meeting()
    await is_usable(await _sees(technician, f"/so-do/{meeting}", "Thứ tự biển tên"))
    page = await _sees(technician, f"/ky-thuat/{meeting}", "Cần xử lý")
    await is_usable(page)
    await page.locator("main.sites button").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await is_usable(page)
    await page.get_by_role("button", name="Gửi bằng thiết bị khác").click()
    await page.get_by_role("button", name="Cấp địa chỉ gửi (WHIP)").click()
    await expect(page.get_by_text("Mã truy cập")).to_be_visible()
    await is_usable(page)
    await is_usable(await _sees(technician, f"/tuong/{meeting}", "Chưa vào họp"))
    assert admin.complaints + technician.complaints == []


@pytest.mark.timeout(300)
async def test_everybody_can_come_in(browser: Browser, house: RealHouse) -> None:
    context = await browser.new_context(viewport={"width": 800, "height": 1280}, locale="vi-VN", has_touch=True)
    page = await context.new_page()
    await page.goto(f"{house.url}/dang-nhap")
    await expect(page.get_by_label("Tên đăng nhập")).to_be_visible()
    await is_usable(page)
    await page.get_by_role("button", name="Khách mời").click()
    await expect(page.get_by_label("Mã trên giấy mời")).to_be_visible()
    await is_usable(page)
    await page.goto(f"{house.url}/khong-co-trang-nay")
    await page.get_by_role("button", name="Về Lịch họp").click()
    await page.wait_for_url("**/dang-nhap**")


@pytest.mark.timeout(600)
async def test_a_tablet_that_lost_its_line_while_papers_came_gets_the_rest(browser: Browser, house: RealHouse) -> None:
    delegate = await lasting_tablet(browser, house, "dungha.stc")
    meeting = await delegate.meeting()
    await delegate.page.clock.install()
    await delegate.opens(f"/hop/{meeting}")
    await delegate.sees("Đang tải tài liệu")
    await delegate.context.set_offline(True)
    await delegate.sees("trang chưa tải được")
    await delegate.context.set_offline(False)
    await expect(delegate.page.get_by_text("Mất mạng")).to_have_count(0)
    await delegate.page.clock.fast_forward("01:00")  # the tablet asks for the rest every minute
    await delegate.sees("Đã tải đủ")
    assert delegate.complaints == []
