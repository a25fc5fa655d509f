"""One real meeting from sign-in to minutes, held at the screens as people do: hall, three sites, companion tablets.

A substitute speaks, a guest comes for one item, a tablet loses its network and reads and writes on, a draft is amended,
replaced and voted on, openly and in secret, an election is held, and the exported minutes are opened and read. Only
members who have no screen here, because their number alone counts, vote without one.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any

import docx
import pymupdf
import pytest
from playwright.async_api import Browser, expect
from playwright.async_api import TimeoutError as GaveUp

from tests.e2e.conference import STAGE, invitation, received, sees_colour, site
from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, becomes, lasting_tablet, tablet
from tests.e2e.small import Caller
from tests.e2e.test_opinions import amends
from tests.e2e.test_room import _draws, _shelves
from tests.e2e.test_votes import CANDIDATES, _elects, cast_without_screens, without_screens

pytestmark = pytest.mark.slow

CHAIR, SECRETARY = "trungnq.ubnd", "tratt.vpub"
FINANCE, INDUSTRY, BUILDING, SUBSTITUTE, GUEST = "dungha.stc", "nghiacv.sct", "nghipt.sxd", "quytd.sxd", "hailc.hhdn"
ADMINISTRATOR = "trietdm.cds"
MAIN, INDUSTRY_SITE, BUILDING_SITE = "phong-hop-tinh", "so-ct", "so-xd"
COLOURS = {MAIN: "#a02020", INDUSTRY_SITE: "#20a040", BUILDING_SITE: "#2040b0"}
ELECTION = "Bầu Tổ trưởng và Tổ phó Tổ rà soát dự thảo Quyết định"
CONCLUSION = "Thông qua dự thảo Quyết định; giao Tổ rà soát hoàn thiện trước ngày 30 tháng 11 năm 2026."
WITHOUT_SCREENS = 15
BY_HAND = 2
"""Members in the hall who have no tablet in this test."""


async def _button(somebody: Somebody, words: str) -> None:
    await somebody.page.get_by_role("button", name=words, exact=False).first.click()


async def _is_on_page(somebody: Somebody, page: int) -> None:
    await expect(somebody.page.get_by_label(f"Trang {page} trên").first).to_be_visible()


async def _asks_for_the_floor(somebody: Somebody, topic: str) -> None:
    await _button(somebody, "Đăng ký phát biểu")
    await somebody.page.get_by_label("Nội dung phát biểu").fill(topic)
    await _button(somebody, "Gửi đăng ký")
    await expect(somebody.page.get_by_role("button", name="Rút đăng ký phát biểu").first).to_be_visible()


async def _votes(somebody: Somebody, option: str) -> None:
    await somebody.page.get_by_role("radio", name=option, exact=True).first.click()
    await somebody.sees("Đã ghi nhận")


async def _text_of_docx(secretary: Somebody, meeting: str) -> str:
    answer = await secretary.context.request.get(f"{secretary.house.url}/api/meetings/{meeting}/minutes.docx")
    assert answer.ok, answer.status
    opened = docx.Document(io.BytesIO(await answer.body()))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in opened.paragraphs), *cells])


async def _text_of_pdf(secretary: Somebody, meeting: str) -> str:
    answer = await secretary.context.request.get(f"{secretary.house.url}/api/meetings/{meeting}/minutes.pdf")
    assert answer.ok, answer.status
    opened = pymupdf.open(stream=await answer.body(), filetype="pdf")
    return " ".join(" ".join(str(page.get_text()).split()) for page in opened)


def _said_in(text: str, *words: str) -> None:
    flat = " ".join(text.split())
    for word in words:
        assert word in flat, f"{word!r} is not in:\n{flat[:6000]}"


class Whole:
    """Who takes part, with which screen, and what lies on the table."""

    def __init__(self, browser: Browser, house: RealHouse, chair: Somebody, secretary: Somebody) -> None:
        self.browser = browser
        self.house = house
        self.chair = chair
        self.secretary = secretary
        self.meeting = ""
        self.sites: dict[str, Somebody] = {}
        self.tablets: dict[str, Somebody] = {}
        self.names: dict[str, str] = {}
        self.draft = ""

    async def state(self) -> dict[str, Any]:
        """The meeting as the chair sees it."""
        return await self.chair.state(self.meeting)

    async def version(self) -> str:
        """Which version of the draft the meeting has."""
        return str((await self.state())["papers"][self.draft]["version"])

    async def comes(self, user: str) -> Somebody:
        """Somebody opens the room; who will be without a network, on a tablet that keeps application and papers."""
        arrives = lasting_tablet if user == FINANCE else tablet
        somebody = self.tablets[user] = await arrives(self.browser, self.house, user, signs_in=user == FINANCE)
        await somebody.opens(f"/hop/{self.meeting}")
        await somebody.sees("Hỗ trợ di dời dân cư")
        return somebody

    def complaints(self) -> dict[str, list[str]]:
        """What went wrong in any page."""
        everybody = {"chair": self.chair, "secretary": self.secretary, **self.tablets, **self.sites}
        return {name: one.complaints for name, one in everybody.items() if one.complaints}


async def _convened(browser: Browser, house: RealHouse) -> Whole:
    """Both desks are open, three tablets have come and a guest with a code on paper."""
    chair = await tablet(browser, house, CHAIR)
    held = Whole(browser, house, chair, await tablet(browser, house, SECRETARY, (1366, 900)))
    held.meeting = await chair.meeting()
    state = await held.state()
    held.names = {key: member["name"] for key, member in state["members"].items()}
    item = state["items"][2]["id"]
    held.draft = next(p["id"] for p in state["papers"].values() if p["item"] == item and "Dự thảo" in p["short"])
    for user in (FINANCE, INDUSTRY, SUBSTITUTE):
        await held.comes(user)
    await _guest_comes(held, state["items"][1]["id"])
    await chair.opens(f"/chu-toa/{held.meeting}")
    await held.secretary.opens(f"/thu-ky/{held.meeting}")
    return held


async def _guest_comes(held: Whole, item: str) -> None:
    """The guest, who has no account (any more), is invited to one item and types the code on the invitation."""
    async with without_screens(held.house) as session:
        administrator = await Caller(held.house.url, session).signs_in(ADMINISTRATOR)
        status, answer = await administrator.asks("POST", f"/api/people/{GUEST}/disable", {"disabled": True})
        assert status == 200, answer
    await held.secretary.commands(held.meeting, type="member.limit", person=GUEST, items=[item])
    body = {"kind": "guest", "who": GUEST}
    made = await held.secretary.asks("POST", f"/api/meetings/{held.meeting}/invitations", body)
    guest = held.tablets[GUEST] = await tablet(held.browser, held.house, "")
    await guest.opens("/dang-nhap")
    await _button(guest, "Khách mời")
    await guest.page.get_by_label("Mã trên giấy mời").fill(made["code"])
    await guest.page.keyboard.press("Enter")
    await guest.page.wait_for_url(f"**/hop/{held.meeting}")


async def _counted_in(held: Whole) -> list[str]:
    """The secretary ticks off who sits in the hall without a tablet; the others came by opening a room."""
    members = (await held.state())["members"].values()
    waiting = [m["id"] for m in members if m["mandate"] and m["attendance"]["state"] == "expected"]
    counted = [one for one in waiting if one not in (CHAIR, BUILDING, *held.tablets)][:WITHOUT_SCREENS]
    for person in counted[BY_HAND:]:
        await held.secretary.commands(held.meeting, type="attendance.record", person=person, state="room")
    for person in counted[:BY_HAND]:
        tick = held.secretary.page.get_by_role("button", name=f"Điểm danh thay: {held.names[person]} có mặt")
        await tick.click()
        await expect(tick).to_have_count(0)

    async def expected() -> set[str]:
        members = (await held.state())["members"].values()
        return {one["id"] for one in members if one["attendance"]["state"] == "expected"}

    await becomes(expected, lambda missing: not missing & {CHAIR, *held.tablets}, "who has come by themselves")
    return counted


async def _shown_page_two(held: Whole) -> None:
    """The report for the guest's item, then the draft of the next one, which is none of the guest's business."""
    chair, guest = held.chair, held.tablets[GUEST]
    await _button(chair, "Khai mạc cuộc họp")
    await _button(chair, "Sang nội dung 2")
    await _button(chair, "Trình chiếu Báo cáo")
    await _is_on_page(guest, 1)
    await _button(chair, "Sang nội dung 3")
    await expect(guest.page.get_by_role("heading", name="Nội dung khác")).to_be_visible()
    await _button(chair, "Tài liệu")
    row = chair.page.get_by_role("dialog").get_by_role("listitem").filter(has_text="Dự thảo Quyết định")
    await row.get_by_role("button", name="Trình chiếu", exact=True).first.click()
    await expect(chair.page.get_by_label("Trang 1 trên 6").first).to_be_visible()
    await _button(chair, "Trang sau")
    for user in (FINANCE, INDUSTRY, SUBSTITUTE):
        await _is_on_page(held.tablets[user], 2)
    await expect(guest.page.get_by_text("di dời dân cư")).to_have_count(0)


async def _connected(held: Whole) -> None:
    """Three sites come in by their links; what they cost two cores is spared to what came before."""
    for who, colour in COLOURS.items():
        code = await invitation(held.secretary, held.meeting, who)
        held.sites[who] = await site(held.browser, held.house, code, colour)


async def _spoken(held: Whole) -> None:
    """A member and a substitute ask at their tablets; the picture of the site they sit at goes to every stage."""
    asking = ((INDUSTRY, "Nguồn lực thực hiện", INDUSTRY_SITE), (SUBSTITUTE, "Hạ tầng tái định cư", BUILDING_SITE))
    for user, topic, where in asking:
        await _asks_for_the_floor(held.tablets[user], topic)
        await held.chair.page.get_by_role("button", name=f"Mời {held.names[user]} phát biểu").click()
        for other in COLOURS.keys() - {where}:
            await sees_colour(held.sites[other], COLOURS[where], STAGE)
    await held.chair.page.get_by_role("button", name="Kết thúc phát biểu", exact=True).click()
    frames = [(await received(one))["frames"] for one in held.sites.values()]
    assert all(frames), frames


async def _read_and_written_without_a_network(held: Whole) -> None:
    """A line is drawn and a page turned on a tablet that is cut off; it comes back to the page the others are on."""
    cut_off, page = held.tablets[FINANCE], held.tablets[FINANCE].page
    await cut_off.sees("Đã tải đủ")
    await page.get_by_role("button", name="Bút", exact=True).click()
    await cut_off.context.set_offline(True)
    await _draws(cut_off)
    await _shelves(cut_off, outbox=1)
    for turned in (3, 4):
        await _button(held.chair, "Trang sau")
        for one in (held.chair, held.tablets[INDUSTRY]):
            await _is_on_page(one, turned)
    await _is_on_page(cut_off, 2)
    await page.get_by_role("contentinfo").get_by_role("button", name="Trang sau").click()
    await _is_on_page(cut_off, 3)
    drawn = "() => [...document.querySelectorAll('.in .page img')].some((one) => one.naturalWidth > 240)"
    await page.wait_for_function(drawn)
    await cut_off.context.set_offline(False)
    await _shelves(cut_off, outbox=0)
    await page.get_by_role("radio", name="Theo trình chiếu").click()
    await _is_on_page(cut_off, 4)
    assert await _inked(held) == [2]


async def _file(held: Whole, layers: str) -> pymupdf.Document:
    somebody = held.tablets[FINANCE]
    path = f"{held.house.url}/api/papers/{held.draft}/annotated.pdf?layers={layers}"
    answer = await somebody.context.request.get(path)
    assert answer.ok, await answer.text()
    return pymupdf.open(stream=await answer.body(), filetype="pdf")


async def _inked(held: Whole) -> list[int]:
    """The pages with ink of the finance department's own."""
    return [number + 1 for number, page in enumerate(await _file(held, "mine")) if list(page.annots())]


async def _amended(held: Whole) -> None:
    """A proposal of other words, seen as a redline and accepted at the secretary's desk."""
    page, desk = held.tablets[INDUSTRY].page, held.secretary.page
    await page.get_by_role("button", name="Góp ý", exact=True).click()
    await page.get_by_role("slider", name="Đến trang").fill("1")
    await amends(page)
    await page.get_by_role("button", name="Gửi đề nghị sửa đổi").click()
    await desk.get_by_role("button", name="Góp ý · 1 chưa trả lời").click()
    await desk.get_by_role("tab", name="Đề nghị sửa đổi").click()
    await expect(desk.locator("ins")).to_contain_text("điều kiện,")
    await desk.get_by_role("button", name="Chấp nhận", exact=True).click()
    await expect(desk.get_by_role("button", name="Xem xét lại")).to_be_visible()
    await desk.keyboard.press("Escape")
    await page.get_by_role("tab", name="Đã gửi").click()
    await expect(page.get_by_role("dialog").get_by_text("Chấp nhận", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Góp ý", exact=True).click()
    await page.get_by_role("radio", name="Theo trình chiếu").click()


async def _replaced(held: Whole) -> None:
    """A new version with a page before all others: everybody is led along, and ink goes where its words went."""
    newer, before = await _file(held, "all"), await held.version()
    newer.insert_page(0, text="Bang tiep thu, giai trinh y kien tai phien hop", fontsize=13)
    desk = held.secretary.page
    await desk.get_by_role("button", name="Đưa tài liệu vào họp").click()
    dialog = desk.get_by_role("dialog")
    file = {"name": "Du-thao-lan-4.pdf", "mimeType": "application/pdf", "buffer": newer.tobytes()}
    await dialog.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    await dialog.get_by_label("Bản mới thay").check()
    await dialog.get_by_role("button", name="Gửi, phát hành").click()
    author = held.tablets[FINANCE]
    await author.sees("Đã có bản mới")
    await becomes(held.version, lambda now: now != before, "the draft's version")
    await author.page.get_by_role("button", name="Xem", exact=True).click()
    await author.sees("Dời theo nội dung: trang 2 → trang 3")
    await author.page.get_by_role("button", name="Đã xem").click()
    assert await _inked(held) == [3]
    await dialog.get_by_role("button", name="Đóng").last.click()


async def _planned(held: Whole, opener: str, question: str = "", kind: str = "question") -> None:
    """The chair words a secret ballot, or an election with two seats, and opens it."""
    page = held.chair.page
    await page.get_by_role("button", name=opener, exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Loại biểu quyết").select_option(kind)
    if question:
        await dialog.get_by_label("Nội dung biểu quyết").fill(question)
        await dialog.get_by_label("Danh sách ứng cử").fill("\n".join(CANDIDATES))
        await dialog.get_by_label("Số người được bầu").fill("2")
    await dialog.get_by_label("Cách biểu quyết").select_option("secret")
    await dialog.get_by_role("button", name="Thêm biểu quyết").click()
    await _button(held.chair, "Mở biểu quyết cho")


async def _others_vote(held: Whole, people: list[str], chosen: str) -> None:
    """Members without a screen in this test cast their secret votes."""
    state = await held.state()
    ballot = next(one for one in state["ballots"].values() if one["state"] == "open")
    choice = ",".join(one["key"] for one in ballot["options"] if one["vi"] in chosen or one["key"] == chosen)
    await cast_without_screens(held.house, held.meeting, ballot["id"], dict.fromkeys(people, choice))


async def _voted(held: Whole) -> None:
    """An open ballot, as planned: a vote is changed until it is closed, the result is announced with the names."""
    await _button(held.chair, "Mở biểu quyết cho")
    await _votes(held.tablets[FINANCE], "Tán thành")
    await _votes(held.tablets[INDUSTRY], "Không tán thành")
    await _votes(held.tablets[INDUSTRY], "Tán thành")
    await held.chair.page.get_by_role("radio", name="Tán thành", exact=True).first.click()
    await held.tablets[SUBSTITUTE].sees("Tôi không có phiếu")
    await _button(held.chair, "Đóng biểu quyết: 3/")
    await held.chair.page.get_by_label("Công bố kèm tên từng người").check(force=True)
    await _button(held.chair, "Công bố: không thông qua")
    for user in (FINANCE, INDUSTRY, SUBSTITUTE):
        await held.tablets[user].sees("Không thông qua")


async def _voted_in_secret(held: Whole, people: list[str]) -> None:
    """A secret ballot on the draft; the substitute has no vote in it, and nobody sees what anybody chose."""
    await _planned(held, "Thêm biểu quyết khác")
    for user, option in ((FINANCE, "Tán thành"), (INDUSTRY, "Không tán thành")):
        page = held.tablets[user].page
        await page.get_by_role("radio", name=option, exact=True).first.click()
        await _button(held.tablets[user], "Bỏ phiếu kín…")
        await _button(held.tablets[user], "Bỏ phiếu, không đổi nữa")
        await held.tablets[user].sees("Đã bỏ phiếu kín")
    await held.tablets[SUBSTITUTE].sees("Tôi không có phiếu")
    await _others_vote(held, people, "agree")
    await _button(held.chair, f"Đóng biểu quyết: {len(people) + 2}/")
    await _button(held.chair, f"Công bố: thông qua, {len(people) + 1}/")
    await held.tablets[SUBSTITUTE].sees("Thông qua")


async def _elected(held: Whole, people: list[str]) -> None:
    """An election with two seats among three, by secret ballot."""
    await _planned(held, "Thêm biểu quyết khác", ELECTION, "election")
    await _elects(held.tablets[FINANCE], CANDIDATES[0], CANDIDATES[1])
    await _elects(held.tablets[INDUSTRY], CANDIDATES[2])
    await _others_vote(held, people, f"{CANDIDATES[0]}, {CANDIDATES[1]}")
    await _button(held.chair, f"Đóng biểu quyết: {len(people) + 2}/")
    await _button(held.chair, "Công bố: trúng cử 2/2")
    await held.tablets[SUBSTITUTE].sees("Trúng cử 2/2")


async def _closed(held: Whole) -> None:
    """The secretary takes down the conclusion, the chair ends the meeting."""
    desk, chair = held.secretary.page, held.chair
    await desk.get_by_title("Ghi kết luận: Hỗ trợ di dời dân cư").click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("Kết luận", exact=True).fill(CONCLUSION)
    await dialog.get_by_role("button", name="Ghi kết luận").click()
    await _button(chair, "Kết thúc cuộc họp")
    await chair.page.get_by_role("dialog").get_by_role("button", name="Kết thúc cuộc họp").click()
    await chair.sees("Đã bế mạc")
    for one in (*held.tablets.values(), *held.sites.values()):
        await one.sees("bế mạc")


async def _minutes(held: Whole) -> str:
    """What the secretary takes away, with all that has happened put in."""
    news = held.secretary.page.get_by_role("button", name="Chèn vào biên bản")

    async def written() -> str:
        if await news.is_visible():
            with contextlib.suppress(GaveUp):  # what was put in a moment ago may take the button away under the finger
                await news.click(timeout=2_000)
        return " ".join((await _text_of_docx(held.secretary, held.meeting)).split())

    await becomes(written, lambda text: CONCLUSION in text and ELECTION in text, "the minutes")
    return await written()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("house", ["supervised"], indirect=True)
async def test_a_whole_meeting_is_held_and_its_minutes_say_so(browser: Browser, house: RealHouse) -> None:
    held = await _convened(browser, house)
    people = await _counted_in(held)
    await _shown_page_two(held)
    await _read_and_written_without_a_network(held)
    await _amended(held)
    await _replaced(held)
    await _voted(held)
    await _voted_in_secret(held, people)
    await _elected(held, people)
    await _connected(held)
    await _spoken(held)
    await _closed(held)

    for text in (await _minutes(held), await _text_of_pdf(held.secretary, held.meeting)):
        _said_in(text, "BIÊN BẢN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "CHỦ TỌA", "THƯ KÝ", "./.")
        people_named = (CHAIR, SECRETARY, FINANCE, INDUSTRY, BUILDING, SUBSTITUTE, GUEST)
        _said_in(text, *(held.names[one] for one in people_named))
        _said_in(text, "Nguồn lực thực hiện", "Hạ tầng tái định cư", "không được thông qua", "bỏ phiếu kín", CONCLUSION)
        _said_in(text, ELECTION, f"Trúng cử (02/02): {CANDIDATES[0]}, {CANDIDATES[1]}")
    assert held.complaints() == {}
