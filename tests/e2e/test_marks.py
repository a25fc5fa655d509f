"""Shapes and comments on real tablets; the paper is replaced in the middle, and nothing of it is lost."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pymupdf
import pytest
from playwright.async_api import Browser, Page, expect

from tests.documents.house import saved
from tests.e2e.house import RealHouse
from tests.e2e.people import Somebody, becomes, tablet

pytestmark = pytest.mark.slow

LINES = [f"Khoan {n}. Don vi so {n * 7} hoan thanh nhiem vu {n * 13} trong quy nay" for n in range(1, 27)]
SAID = "Đề nghị làm rõ số liệu của khoản này trước khi trình Hội đồng nhân dân tỉnh xem xét, quyết định."


def paper_of(lines: list[str]) -> bytes:
    document = pymupdf.open()
    page = document.new_page()
    for at, line in enumerate(lines):
        page.insert_text((72, 72 + 26 * at), line, fontsize=13)
    return saved(document)


async def replaces(somebody: Somebody, paper: str, content: bytes, meeting: str) -> str:
    """Put a newer file in the paper's place and wait until the meeting has it; returns the version."""
    before = (await somebody.state(meeting))["papers"][paper]["version"]
    await somebody.context.request.put(
        f"{somebody.house.url}/api/papers/{paper}",
        data=content,
        headers={"Origin": somebody.house.url, "X-File-Name": "To-trinh.pdf"},
    )

    async def version() -> str:
        return str((await somebody.state(meeting))["papers"][paper]["version"])

    await becomes(version, lambda now: now != before, "the paper's version")
    return await version()


async def drags(page: Page, start: tuple[int, int], end: tuple[int, int], lifts: bool = True) -> None:
    box = await page.locator(".in").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + start[0], box["y"] + start[1])
    await page.mouse.down()
    await page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=4)
    if lifts:
        await page.mouse.up()


async def takes(page: Page, tool: str) -> None:
    await page.get_by_role("button", name="Hình, ghi chú").click()
    await page.get_by_role("group", name="Màu, cỡ nét").get_by_role("button", name=tool, exact=True).click()


async def drawn(somebody: Somebody, paper: str) -> Any:
    """The annotations that leave with the paper, by kind."""
    answer = await somebody.context.request.get(
        f"{somebody.house.url}/api/papers/{paper}/annotated.pdf?layers=mine,all"
    )
    document = pymupdf.open(stream=await answer.body(), filetype="pdf")
    page = document[0]
    return [(note.type[1], note.info["content"]) for note in page.annots()]


@pytest.mark.timeout(600)
async def test_shapes_and_comments_live_and_outlive_their_paper(browser: Browser, house: RealHouse) -> None:
    chair = await tablet(browser, house, "trungnq.ubnd")
    meeting = await chair.meeting()
    state = await chair.state(meeting)
    item = state["items"][1]["id"]
    paper = next(each["id"] for each in state["papers"].values() if each["item"] == item)
    await replaces(chair, paper, paper_of(LINES), meeting)
    await chair.commands(meeting, type="meeting.open", without_quorum=True)
    await chair.commands(meeting, type="item.start", item=item)
    await chair.commands(meeting, type="paper.show", paper=paper, page=1)

    delegate, presenter = await tablet(browser, house, "dungha.stc"), chair
    await delegate.opens(f"/hop/{meeting}")
    await presenter.opens(f"/hop/{meeting}")
    for one in (delegate, presenter):
        await expect(one.page.get_by_label(re.compile("Trang 1 trên")).first).to_be_visible()

    # The delegate sees the chair's arrow while it grows, before it is an arrow.
    await takes(presenter.page, "Mũi tên")
    await presenter.page.get_by_role("button", name="Mũi tên").click()
    await presenter.page.get_by_role("radio", name="Mọi người trong cuộc họp").click()
    await drags(presenter.page, (200, 300), (380, 260), lifts=False)
    await expect(delegate.page.locator(".in > canvas")).to_be_visible()
    await presenter.page.mouse.up()
    await expect(delegate.page.locator(".in > canvas")).to_be_hidden()

    # A comment beside the tenth line, a marker's line over the third: for the delegate alone.
    await takes(delegate.page, "Ghi chú dán")
    await drags(delegate.page, (520, 280), (520, 280))
    await delegate.page.get_by_label("Nội dung").fill(SAID)
    await delegate.page.get_by_role("button", name="Lưu").click()
    await expect(delegate.page.get_by_role("button", name=f"Ghi chú dán: {SAID}")).to_be_visible()
    assert [kind for kind, _ in await becomes_drawn(delegate, paper, 2)] == ["Line", "Text"]

    # Three lines come in before everything else.
    await replaces(chair, paper, paper_of([f"Khoan moi them so {uuid.uuid4()}"] * 3 + LINES), meeting)
    await delegate.sees("Tài liệu đã được thay bằng bản mới")
    sign = delegate.page.get_by_role("button", name=f"Ghi chú dán: {SAID}")
    await expect(sign).to_be_visible()
    await delegate.page.get_by_role("button", name="Xem", exact=True).click()
    await delegate.sees("Dời theo nội dung trong trang 1")
    await delegate.page.get_by_role("button", name="Đã xem").click()
    assert ("Text", SAID) in await drawn(delegate, paper)
    assert [one.complaints for one in (delegate, presenter)] == [[], []]


async def becomes_drawn(somebody: Somebody, paper: str, count: int) -> Any:
    async def look() -> Any:
        return await drawn(somebody, paper)

    await becomes(look, lambda found: len(found) == count, f"{count} annotations")
    return await look()
