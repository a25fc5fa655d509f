"""Searching the papers of all meetings: everybody finds, sees and counts what they may read now, and nothing else."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import msgspec
import pytest

from server.http import Visitor
from server.joints.search.desk import Found, Wanted
from server.meetings.acts import read_command
from server.meetings.service import Asker
from tests.documents.house import in_pieces
from tests.documents.search.test_service import paper_of
from tests.e2e.small import MEETING, PEOPLE, SITE, SmallHouse

LATER = "hop-sau-2"
YEAR_MS = 365 * 24 * 3600 * 1000


def visitor(who: str, *offices: str, unit: str = "ubnd", only: str = "") -> Visitor:
    return Visitor(who, "s", who, unit, frozenset(offices), only)


async def caught_up(small: SmallHouse) -> None:
    """Wait until the words of all papers are kept, by whomever."""
    search = small.house.search.search
    async with asyncio.timeout(60):
        while await search.store.unread() is not None:
            await search.catch_up()
            await asyncio.sleep(0.02)


async def finds(small: SmallHouse, asking: Visitor, words: str = "trang", **more: Any) -> Found:
    return await small.house.search.find(asking, Wanted(words, **more))


def titles(found: Found) -> list[str]:
    return [paper.title for meeting in found.meetings for paper in meeting.papers]


async def later_meeting(small: SmallHouse, *pages: str, publish: bool = True) -> None:
    """A meeting a year later, with one paper for all of its members: the chair, and the secretary who makes it."""

    async def does(tag: str, **fields: Any) -> None:
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        asker = Asker("secretary", "ubnd", PEOPLE["secretary"][2])
        assert (await small.house.meetings.perform(LATER, asker, uuid.uuid4().hex, command)).ok, tag

    starts = small.house.clock.now() + YEAR_MS
    about = {"title": "Họp giao ban", "form": "room", "place": "", "starts_at": starts, "ends_at": starts + 1000}
    await does("meeting.create", kind="hop_giao_ban", host="ubnd", **about)
    await does("member.invite", people=["chair"], roles=["delegate"], mandate=False)
    await does("chair.name", chair="chair", deputy="")
    await does("item.add", title="Đầu tư công", short="Đầu tư công", presenter="chair")
    item = (await small.house.meetings.standing(LATER))[1].items[0].id
    received = await small.house.papers.receive("secretary", LATER, "p.pdf", in_pieces(paper_of(*pages)))
    await does("paper.attach", paper=received.id, item=item, title="Kế hoạch vốn", short="Vốn")
    async with asyncio.timeout(60):
        while (await small.house.meetings.standing(LATER))[1].papers[received.id].state != "ready":
            await asyncio.sleep(0.02)
    if publish:
        await does("meeting.publish")
    await caught_up(small)


@pytest.mark.parametrize(
    ("who", "papers", "pages"),
    [
        ("second", ["all", "members", "named"], 18),
        ("delegate", ["all", "members"], 12),
        ("chair", ["all", "members", "named"], 18),
        ("secretary", ["all", "members", "named"], 18),
        ("guest", ["all"], 6),
        (SITE, ["all"], 6),
        ("stranger", [], 0),
    ],
)
async def test_everybody_finds_what_is_for_them(small: SmallHouse, who: str, papers: list[str], pages: int) -> None:
    await caught_up(small)
    status, found = await (await small.caller(who)).asks("POST", "/api/search", {"words": "TRANG"})
    assert status == 200
    assert [paper["title"] for meeting in found["meetings"] for paper in meeting["papers"]] == papers
    assert (found["papers"], found["pages"], found["left"], found["reading"]) == (len(papers), pages, 0, False)


async def test_the_words_of_a_paper_for_named_readers_are_not_handed_out(small: SmallHouse) -> None:
    await caught_up(small)
    papers = {paper.title: paper for paper in (await finds(small, visitor("second"))).meetings[0].papers}
    assert papers["named"].withheld and [page.page for page in papers["named"].found] == [1, 2, 3]
    assert all(not page.pieces for page in papers["named"].found)
    shown = [(piece.text, piece.hit) for piece in papers["all"].found[1].pieces]
    assert shown == [("Trang", True), (" 2", False)]
    assert papers["all"].item == "Báo cáo quý III" and not papers["all"].withheld


async def test_a_guest_of_another_item_finds_nothing_of_this_one(small: SmallHouse) -> None:
    await caught_up(small)
    assert (await finds(small, visitor("guest"))).papers == 1
    secretary = await small.caller("secretary")
    assert (await secretary.commands("member.limit", person="guest", items=[small.lies.items[1]]))[0] == 200
    assert (await finds(small, visitor("guest"))) == Found((), 0, 0, 0, False)


async def test_what_is_taken_off_or_withdrawn_at_the_closing_is_found_no_more(small: SmallHouse) -> None:
    await caught_up(small)
    assert titles(await finds(small, visitor("second"))) == ["all", "members", "named"]
    secretary, chair = await small.caller("secretary"), await small.caller("chair")
    assert (await secretary.commands("paper.detach", paper=small.lies.papers["members"]))[0] == 200
    assert titles(await finds(small, visitor("second"))) == ["all", "named"]
    assert (await chair.commands("meeting.close"))[0] == 200
    assert titles(await finds(small, visitor("second"))) == ["all"]
    assert titles(await finds(small, visitor("secretary"))) == ["all", "named"]


async def test_administrators_find_what_they_may_open(small: SmallHouse) -> None:
    await caught_up(small)
    rights = small.house.paper_rights
    for offices, unit in ((("system",), "sotc"), (("unit",), "ubnd"), (("unit",), "sotc")):
        asking = visitor("stranger", *offices, unit=unit)
        may = [title for title, paper in small.lies.papers.items() if await rights.may_read(asking, paper)]
        assert titles(await finds(small, asking)) == may


async def test_an_invitation_finds_in_its_own_meeting_only(small: SmallHouse) -> None:
    await later_meeting(small, "Trang của chủ tịch")
    assert (await finds(small, visitor("chair"))).papers == 4
    assert (await finds(small, visitor("chair", "guest", only=LATER))).papers == 1
    assert (await finds(small, visitor("chair", "guest", only=MEETING))).papers == 3


async def test_the_newest_meeting_comes_first_and_filters_narrow(small: SmallHouse) -> None:
    await later_meeting(small, "Trang bìa", "Kinh phí đầu tư công", "Đầu tư")
    chair = visitor("chair")
    found = await finds(small, chair)
    assert [meeting.title for meeting in found.meetings] == ["Họp giao ban", "Phiên họp thử"]
    soon = small.house.clock.now() + YEAR_MS // 2
    assert titles(await finds(small, chair, since=soon)) == ["Kế hoạch vốn"]
    assert titles(await finds(small, chair, until=soon)) == ["all", "members", "named"]
    assert titles(await finds(small, chair, kind="hop_giao_ban")) == ["Kế hoạch vốn"]
    assert (await finds(small, chair, "dau tu cong")).pages == 1
    assert (await finds(small, chair, "đầu tư")).pages == 2
    assert (await finds(small, chair, "đấu tư")).pages == 0
    assert (await finds(small, visitor("delegate"), "dau tu")).papers == 0


async def test_a_draft_is_found_by_those_who_prepare_it(small: SmallHouse) -> None:
    await later_meeting(small, "Dự kiến", publish=False)
    assert (await finds(small, visitor("secretary"), "dự kiến")).papers == 1
    assert (await finds(small, visitor("delegate"), "dự kiến")).papers == 0
    assert (await finds(small, visitor("chair"), "dự kiến")).papers == 1, "the chair prepares it, too"


async def test_all_pages_of_one_paper_come_in_parts(small: SmallHouse) -> None:
    await later_meeting(small, *(f"Tờ {each}" for each in range(1, 26)))
    chair = visitor("chair")
    first = (await finds(small, chair, "to")).meetings[0].papers[0]
    assert (first.pages, [page.page for page in first.found]) == (25, [1, 2, 3])
    part = await finds(small, chair, "to", paper=first.paper)
    assert [page.page for page in part.meetings[0].papers[0].found] == list(range(1, 21)) and part.left == 5
    rest = await finds(small, chair, "to", paper=first.paper, skip=20)
    assert [page.page for page in rest.meetings[0].papers[0].found] == list(range(21, 26)) and rest.left == 0
    assert (await finds(small, visitor("delegate"), "to", paper=first.paper)).meetings == ()


async def test_papers_come_in_parts(small: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.joints.search.desk.PAPERS_AT_ONCE", 2)
    await caught_up(small)
    parts = [await finds(small, visitor("second"), skip=skip) for skip in (0, 2, 4)]
    assert [titles(part) for part in parts] == [["all", "members"], ["named"], []]
    assert [part.left for part in parts] == [1, 0, 0]
    assert {(part.papers, part.pages) for part in parts} == {(3, 18)}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"words": " ?! "}, 409, "search.no_words"),
        ({"words": "a", "person": "chair"}, 400, "body.malformed"),
        ({"words": "a" * 301}, 400, "body.malformed"),
        ({"words": "a", "skip": -1}, 400, "body.malformed"),
        ({"words": 'x" OR bare : "trang'}, 200, None),
    ],
)
async def test_what_makes_no_sense_is_refused(small: SmallHouse, body: Any, status: int, code: str | None) -> None:
    delegate = await small.caller("delegate")
    given, answer = await delegate.asks("POST", "/api/search", body)
    assert (given, answer.get("code")) == (status, code)
    assert answer.get("papers", 0) == 0


async def test_passers_by_find_nothing(small: SmallHouse) -> None:
    assert (await (await small.caller()).asks("POST", "/api/search", {"words": "trang"}))[0] == 401
