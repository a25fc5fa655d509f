"""One real meeting from sign-in to minutes: chair, secretary, three tablets and three sites in real Chromium.

One tablet loses its network in the middle, one substitute comes; the exported minutes are opened and read.
"""

from __future__ import annotations

import io
from typing import Any

import docx
import pymupdf
import pytest
from playwright.async_api import Browser, expect

from tests.e2e.conference import STAGE, invitation, received, sees_colour, site
from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, becomes, lasting_tablet, tablet

pytestmark = pytest.mark.slow

CHAIR, SECRETARY = "trungnq.ubnd", "tratt.vpub"
FINANCE, INDUSTRY, SUBSTITUTE = "dungha.stc", "nghiacv.sct", "quytd.sxd"
MAIN, INDUSTRY_SITE, BUILDING_SITE = "phong-hop-tinh", "so-ct", "so-xd"
COLOURS = {MAIN: "#a02020", INDUSTRY_SITE: "#20a040", BUILDING_SITE: "#2040b0"}
CONCLUSION = "Thống nhất thông qua dự thảo Quyết định; giao Sở Nông nghiệp và Môi trường hoàn thiện trước ngày 30."
TABLETS = (FINANCE, INDUSTRY, SUBSTITUTE)


async def _button(somebody: Somebody, words: str) -> None:
    await somebody.page.get_by_role("button", name=words, exact=False).first.click()


async def _is_on_page(somebody: Somebody, page: int) -> None:
    await expect(somebody.page.get_by_label(f"Trang {page} trên").first).to_be_visible()


async def _count_the_members_in(secretary: Somebody, meeting: str) -> None:
    """The secretary counts those in who have no tablet in this test, so that there is a quorum."""
    state = await secretary.state(meeting)
    waiting = [
        member
        for member in state["members"].values()
        if member["mandate"] and member["attendance"]["state"] == "expected" and member["id"] not in (CHAIR, *TABLETS)
    ]
    for member in waiting[:18]:
        await secretary.commands(meeting, type="attendance.record", person=member["id"], state="room")


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


def _named(state: dict[str, Any], person: str) -> str:
    return str(state["members"][person]["name"])


@pytest.mark.timeout(900)
@pytest.mark.parametrize("house", ["supervised"], indirect=True)
async def test_a_whole_meeting_is_held_and_its_minutes_say_so(browser: Browser, house: RealHouse) -> None:
    chair = await tablet(browser, house, CHAIR)
    secretary = await tablet(browser, house, SECRETARY, (1366, 900))
    meeting = await chair.meeting()
    tablets = {user: await lasting_tablet(browser, house, user, signs_in=user == FINANCE) for user in TABLETS}
    sites = {
        who: await site(browser, house, await invitation(secretary, meeting, who), colour)
        for who, colour in COLOURS.items()
    }
    for somebody in tablets.values():
        await somebody.opens(f"/hop/{meeting}")
        await somebody.sees("Hỗ trợ di dời dân cư")
    await _count_the_members_in(secretary, meeting)
    await chair.commands(meeting, type="attendance.arrive", place="room")

    async def substitute_is() -> str:
        return str((await chair.state(meeting))["members"][SUBSTITUTE]["attendance"]["state"])

    await becomes(substitute_is, lambda state: state == "site", "the substitute came by opening the room")

    await chair.opens(f"/chu-toa/{meeting}")
    await _button(chair, "Khai mạc cuộc họp")
    await _button(chair, "Sang nội dung 2")
    await _button(chair, "Sang nội dung 3")
    state = await chair.state(meeting)
    item = state["items"][2]["id"]
    draft = next(p for p in state["papers"].values() if p["item"] == item and "Dự thảo" in p["short"])
    await chair.commands(meeting, type="paper.show", paper=draft["id"], page=2)
    for somebody in tablets.values():
        await _is_on_page(somebody, 2)

    # Two people speak from two places: the picture on every stage follows.
    await _asks_for_the_floor(tablets[INDUSTRY], "Nguồn lực thực hiện")
    await chair.page.get_by_role("button", name=f"Mời {_named(state, INDUSTRY)} phát biểu").click()
    await sees_colour(sites[BUILDING_SITE], COLOURS[INDUSTRY_SITE], STAGE)
    await sees_colour(sites[MAIN], COLOURS[INDUSTRY_SITE], STAGE)

    # The network of one tablet goes in the middle of it.
    cut_off = tablets[FINANCE]
    await cut_off.context.set_offline(True)
    await chair.commands(meeting, type="page.turn", paper=draft["id"], page=4)
    await _is_on_page(tablets[INDUSTRY], 4)
    await _is_on_page(cut_off, 2)

    await chair.commands(meeting, type="floor.invite", person=SUBSTITUTE, topic="Hạ tầng khu tái định cư")
    await sees_colour(sites[INDUSTRY_SITE], COLOURS[BUILDING_SITE], STAGE)
    await cut_off.context.set_offline(False)
    await _is_on_page(cut_off, 4)
    decoded = [(await received(somebody))["frames"] for somebody in sites.values()]
    assert all(frames > 0 for frames in decoded), decoded

    # The vote: the substitute speaks but has no vote of their own here.
    await chair.commands(meeting, type="floor.end")
    await _button(chair, "Mở biểu quyết cho")
    await _votes(tablets[FINANCE], "Tán thành")
    await _votes(tablets[INDUSTRY], "Không tán thành")
    await _votes(tablets[INDUSTRY], "Tán thành")
    await chair.page.get_by_role("radio", name="Tán thành", exact=True).first.click()
    await tablets[SUBSTITUTE].sees("Phiếu không thuộc về tôi")
    await _button(chair, "Đóng biểu quyết: 3/")
    await chair.page.get_by_label("Công bố kèm tên từng người").check(force=True)
    await _button(chair, "Công bố: không thông qua")
    for somebody in tablets.values():
        await somebody.sees("Không thông qua")

    await secretary.commands(meeting, type="item.conclude", item=item, text=CONCLUSION)
    await _button(chair, "Kết thúc cuộc họp")
    await chair.page.get_by_role("dialog").get_by_role("button", name="Kết thúc cuộc họp").click()
    await chair.sees("Đã bế mạc")

    for text in (await _text_of_docx(secretary, meeting), await _text_of_pdf(secretary, meeting)):
        _said_in(text, "BIÊN BẢN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "CHỦ TỌA", "THƯ KÝ", "./.")
        _said_in(text, *(_named(state, user) for user in (CHAIR, SECRETARY, FINANCE, INDUSTRY, SUBSTITUTE)))
        _said_in(text, "Nguồn lực thực hiện", "Hạ tầng khu tái định cư", CONCLUSION, "không được thông qua")
    for somebody in (chair, secretary, *tablets.values(), *sites.values()):
        assert somebody.complaints == [], (somebody.user, somebody.complaints)
