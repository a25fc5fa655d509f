"""A hybrid meeting in one piece, held at the screens as people do: hall, three sites, companion tablets, a substitute.

A guest comes for one item, a tablet loses its network and reads and writes on, a draft is amended and replaced, a
secret ballot and an election are held, and the minutes name what happened. Only members who have no screen here,
because their number alone counts, vote without one.
"""

from __future__ import annotations

import ssl
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pymupdf
import pytest
from playwright.async_api import Browser, expect

from tests.e2e.conference import invitation, received, sees_colour, site
from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, becomes, lasting_tablet, tablet
from tests.e2e.small import Caller
from tests.e2e.test_opinions import amends
from tests.e2e.test_room import _draws, _shelves
from tests.e2e.test_votes import CANDIDATES, _elects
from tests.e2e.test_whole_meeting import _asks_for_the_floor, _button, _is_on_page, _said_in, _text_of_docx

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


class Hybrid:
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
        somebody = self.tablets[user] = await arrives(self.browser, self.house, user)
        await somebody.opens(f"/hop/{self.meeting}")
        await somebody.sees("Hỗ trợ di dời dân cư")
        return somebody

    def complaints(self) -> dict[str, list[str]]:
        """What went wrong in any page."""
        everybody = {"chair": self.chair, "secretary": self.secretary, **self.tablets, **self.sites}
        return {name: one.complaints for name, one in everybody.items() if one.complaints}


async def _convened(browser: Browser, house: RealHouse) -> Hybrid:
    """Both desks are open, three tablets have come and a guest with a code on paper."""
    chair = await tablet(browser, house, CHAIR)
    hybrid = Hybrid(browser, house, chair, await tablet(browser, house, SECRETARY, (1366, 900)))
    hybrid.meeting = await chair.meeting()
    state = await hybrid.state()
    hybrid.names = {key: member["name"] for key, member in state["members"].items()}
    item = state["items"][2]["id"]
    hybrid.draft = next(p["id"] for p in state["papers"].values() if p["item"] == item and "Dự thảo" in p["short"])
    for user in (FINANCE, INDUSTRY, SUBSTITUTE):
        await hybrid.comes(user)
    await _guest_comes(hybrid, state["items"][1]["id"])
    await chair.opens(f"/chu-toa/{hybrid.meeting}")
    await hybrid.secretary.opens(f"/thu-ky/{hybrid.meeting}")
    return hybrid


async def _guest_comes(hybrid: Hybrid, item: str) -> None:
    """The guest, who has no account (any more), is invited to one item and types the code on the invitation."""
    async with _without_screens(hybrid) as session:
        administrator = await Caller(hybrid.house.url, session).signs_in(ADMINISTRATOR)
        status, answer = await administrator.asks("POST", f"/api/people/{GUEST}/disable", {"disabled": True})
        assert status == 200, answer
    await hybrid.secretary.commands(hybrid.meeting, type="member.limit", person=GUEST, items=[item])
    body = {"kind": "guest", "who": GUEST}
    made = await hybrid.secretary.asks("POST", f"/api/meetings/{hybrid.meeting}/invitations", body)
    guest = hybrid.tablets[GUEST] = await tablet(hybrid.browser, hybrid.house, "")
    await guest.opens("/dang-nhap")
    await _button(guest, "Khách mời")
    await guest.page.get_by_label("Mã trên giấy mời").fill(made["code"])
    await guest.page.keyboard.press("Enter")
    await guest.page.wait_for_url(f"**/hop/{hybrid.meeting}")


async def _counted_in(hybrid: Hybrid) -> list[str]:
    """The secretary ticks off who sits in the hall without a tablet; the others came by opening a room."""
    members = (await hybrid.state())["members"].values()
    waiting = [m["id"] for m in members if m["mandate"] and m["attendance"]["state"] == "expected"]
    counted = [one for one in waiting if one not in (CHAIR, BUILDING, *hybrid.tablets)][:WITHOUT_SCREENS]
    for person in counted[BY_HAND:]:
        await hybrid.secretary.commands(hybrid.meeting, type="attendance.record", person=person, state="room")
    for person in counted[:BY_HAND]:
        tick = hybrid.secretary.page.get_by_role("button", name=f"Điểm danh thay: {hybrid.names[person]} có mặt")
        await tick.click()
        await expect(tick).to_have_count(0)

    async def expected() -> set[str]:
        members = (await hybrid.state())["members"].values()
        return {one["id"] for one in members if one["attendance"]["state"] == "expected"}

    await becomes(expected, lambda missing: not missing & {CHAIR, *hybrid.tablets}, "who has come by themselves")
    return counted


async def _shown_page_two(hybrid: Hybrid) -> None:
    """The report for the guest's item, then the draft of the next one, which is none of the guest's business."""
    chair, guest = hybrid.chair, hybrid.tablets[GUEST]
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
        await _is_on_page(hybrid.tablets[user], 2)
    await expect(guest.page.get_by_text("di dời dân cư")).to_have_count(0)


async def _connected(hybrid: Hybrid) -> None:
    """Three sites come in by their links; what they cost two cores is spared to what came before."""
    for who, colour in COLOURS.items():
        code = await invitation(hybrid.secretary, hybrid.meeting, who)
        hybrid.sites[who] = await site(hybrid.browser, hybrid.house, code, colour)


async def _spoken(hybrid: Hybrid) -> None:
    """A member and a substitute ask at their tablets; the picture of the site they sit at goes to every stage."""
    asking = ((INDUSTRY, "Nguồn lực thực hiện", INDUSTRY_SITE), (SUBSTITUTE, "Hạ tầng tái định cư", BUILDING_SITE))
    for user, topic, where in asking:
        await _asks_for_the_floor(hybrid.tablets[user], topic)
        await hybrid.chair.page.get_by_role("button", name=f"Mời {hybrid.names[user]} phát biểu").click()
        for other in COLOURS.keys() - {where}:
            await sees_colour(hybrid.sites[other], COLOURS[where])
    await hybrid.chair.page.get_by_role("button", name="Kết thúc phát biểu", exact=True).click()
    frames = [(await received(one))["frames"] for one in hybrid.sites.values()]
    assert all(frames), frames


async def _read_and_written_without_a_network(hybrid: Hybrid) -> None:
    """A line is drawn and a page turned on a tablet that is cut off; it comes back to the page the others are on."""
    cut_off, page = hybrid.tablets[FINANCE], hybrid.tablets[FINANCE].page
    await cut_off.sees("Đã tải đủ")
    await page.get_by_role("button", name="Bút", exact=True).click()
    await cut_off.context.set_offline(True)
    await _draws(cut_off)
    await _shelves(cut_off, outbox=1)
    for turned in (3, 4):
        await _button(hybrid.chair, "Trang sau")
        for one in (hybrid.chair, hybrid.tablets[INDUSTRY]):
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
    assert await _inked(hybrid) == [2]


async def _file(hybrid: Hybrid, layers: str) -> pymupdf.Document:
    somebody = hybrid.tablets[FINANCE]
    path = f"{hybrid.house.url}/api/papers/{hybrid.draft}/annotated.pdf?layers={layers}"
    answer = await somebody.context.request.get(path)
    assert answer.ok, await answer.text()
    return pymupdf.open(stream=await answer.body(), filetype="pdf")


async def _inked(hybrid: Hybrid) -> list[int]:
    """The pages with ink of the finance department's own."""
    return [number + 1 for number, page in enumerate(await _file(hybrid, "mine")) if list(page.annots())]


async def _amended(hybrid: Hybrid) -> None:
    """A proposal of other words, seen as a redline and accepted at the secretary's desk."""
    page, desk = hybrid.tablets[INDUSTRY].page, hybrid.secretary.page
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


async def _replaced(hybrid: Hybrid) -> None:
    """A new version with a page before all others: everybody is led along, and ink goes where its words went."""
    newer, before = await _file(hybrid, "all"), await hybrid.version()
    newer.insert_page(0, text="Bang tiep thu, giai trinh y kien tai phien hop", fontsize=13)
    desk = hybrid.secretary.page
    await desk.get_by_role("button", name="Đưa tài liệu vào họp").click()
    dialog = desk.get_by_role("dialog")
    file = {"name": "Du-thao-lan-4.pdf", "mimeType": "application/pdf", "buffer": newer.tobytes()}
    await dialog.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    await dialog.get_by_label("Bản mới thay").check()
    await dialog.get_by_role("button", name="Gửi, phát hành").click()
    author = hybrid.tablets[FINANCE]
    await author.sees("Đã có bản mới")
    await becomes(hybrid.version, lambda now: now != before, "the draft's version")
    await author.page.get_by_role("button", name="Xem", exact=True).click()
    await author.sees("Dời theo nội dung: trang 2 → trang 3")
    await author.page.get_by_role("button", name="Đã xem").click()
    assert await _inked(hybrid) == [3]
    await dialog.get_by_role("button", name="Đóng").last.click()


async def _planned(hybrid: Hybrid, opener: str, question: str = "", kind: str = "question") -> None:
    """The chair words a secret ballot, or an election with two seats, and opens it."""
    page = hybrid.chair.page
    await page.get_by_role("button", name=opener, exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Loại biểu quyết").select_option(kind)
    if question:
        await dialog.get_by_label("Nội dung biểu quyết").fill(question)
        await dialog.get_by_label("Danh sách ứng cử").fill("\n".join(CANDIDATES))
        await dialog.get_by_label("Số người được bầu").fill("2")
    await dialog.get_by_label("Cách biểu quyết").select_option("secret")
    await dialog.get_by_role("button", name="Thêm biểu quyết").click()
    await _button(hybrid.chair, "Mở biểu quyết cho")


@asynccontextmanager
async def _without_screens(hybrid: Hybrid) -> AsyncIterator[aiohttp.ClientSession]:
    trust = ssl.create_default_context(cafile=str(hybrid.house.authority))
    line = aiohttp.TCPConnector(ssl=trust)
    async with aiohttp.ClientSession(connector=line, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


async def _others_vote(hybrid: Hybrid, people: list[str], chosen: str) -> None:
    """Members without a screen in this test cast their secret votes."""
    state = await hybrid.state()
    ballot = next(one for one in state["ballots"].values() if one["state"] == "open")
    choice = ",".join(one["key"] for one in ballot["options"] if one["vi"] in chosen or one["key"] == chosen)
    async with _without_screens(hybrid) as session:
        for person in people:
            caller = await Caller(hybrid.house.url, session).signs_in(person)
            cast = {"type": "ballot.cast_secretly", "ballot": ballot["id"], "mandate": person, "choice": choice}
            sent = {"id": uuid.uuid4().hex, "command": cast}
            status, answer = await caller.asks("POST", f"/api/meetings/{hybrid.meeting}/commands", sent)
            assert status == 200 and answer["ok"], answer


async def _voted(hybrid: Hybrid, people: list[str]) -> None:
    """A secret ballot on the draft; the substitute has no vote in it, and nobody sees what anybody chose."""
    desk = hybrid.secretary.page
    await desk.get_by_role("tab", name="Biểu quyết").click()
    await desk.get_by_role("button", name="Bỏ nội dung biểu quyết này").first.click()
    await _planned(hybrid, "Thêm biểu quyết")
    for user, option in ((FINANCE, "Tán thành"), (INDUSTRY, "Không tán thành")):
        page = hybrid.tablets[user].page
        await page.get_by_role("radio", name=option, exact=True).first.click()
        await _button(hybrid.tablets[user], "Bỏ phiếu kín…")
        await _button(hybrid.tablets[user], "Bỏ phiếu, không đổi nữa")
        await hybrid.tablets[user].sees("Đã bỏ phiếu kín")
    await hybrid.tablets[SUBSTITUTE].sees("Phiếu không thuộc về tôi")
    await _others_vote(hybrid, people, "agree")
    await _button(hybrid.chair, f"Đóng biểu quyết: {len(people) + 2}/")
    await _button(hybrid.chair, f"Công bố: thông qua, {len(people) + 1}/")
    await hybrid.tablets[SUBSTITUTE].sees("Thông qua")


async def _elected(hybrid: Hybrid, people: list[str]) -> None:
    """An election with two seats among three, by secret ballot."""
    await _planned(hybrid, "Thêm biểu quyết khác", ELECTION, "election")
    await _elects(hybrid.tablets[FINANCE], CANDIDATES[0], CANDIDATES[1])
    await _elects(hybrid.tablets[INDUSTRY], CANDIDATES[2])
    await _others_vote(hybrid, people, f"{CANDIDATES[0]}, {CANDIDATES[1]}")
    await _button(hybrid.chair, f"Đóng biểu quyết: {len(people) + 2}/")
    await _button(hybrid.chair, "Công bố: trúng cử 2/2")
    await hybrid.tablets[SUBSTITUTE].sees("Trúng cử 2/2")


async def _closed(hybrid: Hybrid) -> None:
    """The secretary takes down the conclusion, the chair ends the meeting."""
    desk, chair = hybrid.secretary.page, hybrid.chair
    await desk.get_by_title("Ghi kết luận: Hỗ trợ di dời dân cư").click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("Kết luận", exact=True).fill(CONCLUSION)
    await dialog.get_by_role("button", name="Ghi kết luận").click()
    await _button(chair, "Kết thúc cuộc họp")
    await chair.page.get_by_role("dialog").get_by_role("button", name="Kết thúc cuộc họp").click()
    await chair.sees("Đã bế mạc")
    for one in (*hybrid.tablets.values(), *hybrid.sites.values()):
        await one.sees("bế mạc")


async def _minutes(hybrid: Hybrid) -> str:
    """What the secretary takes away, with all that has happened put in."""
    news = hybrid.secretary.page.get_by_role("button", name="Chèn vào biên bản")

    async def written() -> str:
        if await news.is_visible():
            await news.click()
        return " ".join((await _text_of_docx(hybrid.secretary, hybrid.meeting)).split())

    await becomes(written, lambda text: CONCLUSION in text and ELECTION in text, "the minutes")
    return await written()


@pytest.mark.timeout(900)
async def test_a_hybrid_meeting_is_held_from_the_first_tick_to_the_minutes(browser: Browser, house: RealHouse) -> None:
    hybrid = await _convened(browser, house)
    people = await _counted_in(hybrid)
    await _shown_page_two(hybrid)
    await _connected(hybrid)
    await _spoken(hybrid)
    await _read_and_written_without_a_network(hybrid)
    await _amended(hybrid)
    await _replaced(hybrid)
    await _voted(hybrid, people)
    await _elected(hybrid, people)
    await _closed(hybrid)

    text = await _minutes(hybrid)
    _said_in(text, *(hybrid.names[one] for one in (CHAIR, SECRETARY, FINANCE, INDUSTRY, BUILDING, SUBSTITUTE, GUEST)))
    _said_in(text, "Nguồn lực thực hiện", "Hạ tầng tái định cư", "bỏ phiếu kín", CONCLUSION, ELECTION)
    _said_in(text, f"Trúng cử (02/02): {CANDIDATES[0]}, {CANDIDATES[1]}")
    assert hybrid.complaints() == {}
