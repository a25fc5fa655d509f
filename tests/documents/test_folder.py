"""Somebody's own papers: within limits, and gone when they are removed, also while they are being prepared."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.blobs import Sha256
from server.documents.folder.service import Folders
from server.documents.ink import stream_of
from server.documents.marks import AddStroke, Stroke
from server.documents.names import retitled
from server.documents.owners import owner_of, shelf_of
from server.documents.papers import Paper, State
from server.documents.store import marks, paper_versions, papers
from server.errors import NotFound, Refused, TooLarge
from server.streams import stream_events, streams
from tests.documents.house import Room, in_pieces, pdf, room, slips

STROKE = Stroke("stroke-1", 1, "pen", "#000000", 20, [(1, 2, 3)])


async def kept(opened: Room, person: str, content: bytes, name: str = "Ghi chép.pdf") -> Paper:
    """A paper of this person's, ready."""
    paper = await Folders(opened.papers).receive(person, name, in_pieces(content))
    await opened.papers.settled()
    return await opened.papers.paper(paper.id)


def files_of(opened: Room) -> list[str]:
    """Everything on the disk: blobs, pages and what workers left."""
    places = (opened.folder / "blobs", opened.folder / "pages", opened.folder / "work")
    return sorted(path.name for place in places for path in place.rglob("*") if path.is_file())


async def rows(opened: Room) -> list[int]:
    """How many papers, versions, marks and events there are."""
    tables = (papers, paper_versions, marks, streams, stream_events)
    async with opened.db.reading() as connection:
        return [(await connection.execute(select(func.count()).select_from(table))).scalar_one() for table in tables]


def test_a_shelf_says_whose_it_is() -> None:
    assert owner_of(shelf_of("lan")) == "lan"
    assert owner_of("01m804a2jv0000000000000000") == ""


@pytest.mark.parametrize(
    ("name", "title", "called"),
    [
        ("Báo cáo.docx", "Dự thảo lần 2", "Dự thảo lần 2.docx"),
        ("Báo cáo.docx", "Số 5.2026", "Số 5.2026.docx"),
        ("Báo cáo.docx", "Dự thảo.docx", "Dự thảo.docx"),
        ("Báo cáo", "Ghi chép", "Ghi chép"),
        ("Số 3. Kết luận", "Ghi chép", "Ghi chép"),
        ("Báo cáo.pdf", "  \u202e ", "Tài liệu.pdf"),
    ],
)
def test_a_new_title_keeps_what_kind_of_file_it_is(name: str, title: str, called: str) -> None:
    assert retitled(name, title) == called


async def use_the_folder(opened: Room) -> None:
    """Keep, rename, draw, remove."""
    folders = Folders(opened.papers)
    content = pdf(pages=2)
    paper = await kept(opened, "lan", content)
    assert paper.version is not None and paper.state is State.READY
    assert (await folders.rename("lan", paper.id, "Việc cần hỏi")).name == "Việc cần hỏi.pdf"
    shelved = await folders.of("lan")
    assert [each.name for each in shelved.papers] == ["Việc cần hỏi.pdf"]
    assert shelved.octets == len(content) and shelved.most_papers == 200
    stream = stream_of(paper.version.id, "mine", "lan")
    assert (await opened.ink.perform(stream, "lan", "c1", AddStroke(STROKE))).ok
    await folders.remove("lan", paper.id)
    assert await rows(opened) == [0, 0, 0, 0, 0]
    assert files_of(opened) == []
    assert (await folders.of("lan")).octets == 0


async def test_a_removed_paper_leaves_nothing_in_sqlite_and_on_the_disk(papers_room: Room) -> None:
    await use_the_folder(papers_room)


@pytest.mark.slow
async def test_a_removed_paper_leaves_nothing_in_postgresql(tmp_path: Path, fresh_postgres_url: str) -> None:
    async with room(tmp_path, url=fresh_postgres_url) as opened:
        await use_the_folder(opened)


async def test_a_file_that_a_paper_of_a_meeting_came_from_too_stays(papers_room: Room) -> None:
    content = pdf(pages=1)
    meetings, mine = await papers_room.published(content), await kept(papers_room, "lan", content)
    assert mine.version is not None and meetings.version is not None and mine.version.id != meetings.version.id
    await Folders(papers_room.papers).remove("lan", mine.id)
    assert (await papers_room.papers.original(meetings.id)).path.read_bytes() == content
    assert (await papers_room.papers.page_image(meetings.version.id, 1, 480)).exists()
    assert not papers_room.papers.blobs.path(Sha256(mine.version.id)).exists()


async def test_nobody_elses_papers_can_be_renamed_or_removed_nor_a_meetings(papers_room: Room) -> None:
    folders = Folders(papers_room.papers)
    mine, meetings = await kept(papers_room, "lan", pdf(1)), await papers_room.published(pdf(2))
    for person, paper in (("bình", mine), ("lan", meetings)):
        for asked in (folders.remove(person, paper.id), folders.rename(person, paper.id, "x")):
            with pytest.raises(NotFound, match=r"paper\.unknown"):
                await asked
        with pytest.raises(NotFound, match=r"paper\.unknown"):
            await folders.redraw(person, paper.id)
    assert [paper.name for paper in (await folders.of("lan")).papers] == ["Ghi chép.pdf"]
    assert (await folders.of("bình")).papers == []


async def test_a_refused_file_says_why_and_takes_no_room(papers_room: Room) -> None:
    refused = await kept(papers_room, "lan", b"#!/bin/sh", "hộp.pdf")
    assert (refused.state, refused.code) == (State.REFUSED, "paper.not_a_document")
    assert (await Folders(papers_room.papers).of("lan")).octets == 0
    await Folders(papers_room.papers).remove("lan", refused.id)
    assert (await Folders(papers_room.papers).of("lan")).papers == []


async def test_a_paper_removed_while_it_is_prepared_is_gone_when_that_ends(papers_room: Room) -> None:
    folders = Folders(papers_room.papers)
    publish, reached, go = papers_room.papers.store.publish, asyncio.Event(), asyncio.Event()

    async def slowly(*given: object) -> None:
        reached.set()
        await go.wait()
        await publish(*given)  # type: ignore[arg-type]

    papers_room.papers.store.publish = slowly  # type: ignore[method-assign]
    paper = await folders.receive("lan", "Ghi chép.pdf", in_pieces(pdf(2)))
    await reached.wait()
    await folders.remove("lan", paper.id)
    go.set()
    await papers_room.papers.settled()
    assert await rows(papers_room) == [0, 0, 0, 0, 0]
    assert files_of(papers_room) == []


async def test_a_paper_removed_before_its_file_is_opened_is_no_mistake_of_ours(
    papers_room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    folders = Folders(papers_room.papers)
    paper = await folders.receive("lan", "Ghi chép.pdf", in_pieces(pdf(2)))
    await folders.remove("lan", paper.id)
    await papers_room.papers.settled()
    assert files_of(papers_room) == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_paper_removed_while_its_pages_are_drawn_ahead_leaves_no_page(papers_room: Room) -> None:
    folders, seen = Folders(papers_room.papers), asyncio.Event()
    papers_room.papers.on_change = lambda paper: seen.set() if paper.version else None
    paper = await folders.receive("lan", "Ghi chép.pdf", in_pieces(slips(40)))
    await seen.wait()
    await folders.remove("lan", paper.id)
    await papers_room.papers.settled()
    assert files_of(papers_room) == []


async def test_one_person_keeps_so_many_papers_and_no_more(tmp_path: Path) -> None:
    async with room(tmp_path, own_papers=1) as opened:
        paper = await kept(opened, "lan", pdf(1))
        with pytest.raises(Refused, match=r"folder\.too_many") as refused:
            await kept(opened, "lan", pdf(1))
        assert refused.value.details == {"most": 1}
        await kept(opened, "bình", pdf(1))
        await Folders(opened.papers).remove("lan", paper.id)
        await kept(opened, "lan", pdf(1))


async def test_one_person_keeps_so_many_megabytes_whether_one_after_the_other_or_at_once(tmp_path: Path) -> None:
    async with room(tmp_path, own_mb=1) as opened:
        folders, half = Folders(opened.papers), b"%PDF-" + bytes(600_000)
        opened.papers.jobs.begin = lambda _paper: None  # type: ignore[method-assign]
        first = await folders.receive("lan", "một.pdf", in_pieces(half))
        with pytest.raises(TooLarge, match=r"folder\.full"):
            await folders.receive("lan", "hai.pdf", in_pieces(half))
        assert [paper.id for paper in (await folders.of("lan")).papers] == [first.id]
        many = [folders.receive("bình", f"{n}.pdf", in_pieces(half)) for n in range(3)]
        found = await asyncio.gather(*many, return_exceptions=True)
        assert sum(isinstance(each, Paper) for each in found) <= 1
