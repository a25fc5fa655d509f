"""The words of all papers' pages are kept and found, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pymupdf
import pytest
import pytest_asyncio
from sqlalchemy import select

import server
from server.documents.owners import shelf_of
from server.documents.search.query import read
from server.documents.search.service import Search
from server.documents.search.store import page_words, read_versions
from tests.documents.house import Room, in_pieces, room, saved

DATABASES = [pytest.param("", id="SQLite"), pytest.param("postgresql", id="PostgreSQL", marks=pytest.mark.slow)]
FONT = Path(server.__file__).parent / "fonts/LiberationSerif-Regular.ttf"


def paper_of(*pages: str) -> bytes:
    """A PDF with these words on its pages."""
    document = pymupdf.open()
    for words in pages:
        page = document.new_page(height=200)
        page.insert_font("vn", fontfile=str(FONT))
        page.insert_text((36, 72), words, fontname="vn")
    return saved(document)


@pytest_asyncio.fixture(params=DATABASES)
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Room]:
    url = request.getfixturevalue("fresh_postgres_url") if request.param else ""
    async with room(tmp_path, url) as opened:
        yield opened


@pytest.fixture
def search(shelf: Room) -> Search:
    return Search(shelf.db, shelf.papers)


async def found(search: Search, words: str) -> dict[str, int]:
    """Shelf → pages."""
    return {one.shelf: one.pages for one in (await search.matching(words))[1]}


async def test_pages_are_found_with_and_without_marks(shelf: Room, search: Search) -> None:
    await shelf.published(paper_of("Kế hoạch đầu tư công", "Kinh phí hòa mạng", "Kính gửi Ủy ban"), shelf="một")
    await shelf.published(paper_of("Đầu tư cổng chào 15/QĐ-UBND"), shelf="hai")
    await search.catch_up()
    assert await found(search, "dau tu cong") == {"một": 1, "hai": 1}
    assert await found(search, "đầu tư công") == {"một": 1}
    assert await found(search, "kinh") == {"một": 2}
    assert await found(search, "kính") == {"một": 1}
    assert await found(search, "hoà MẠNG") == {"một": 1}
    assert await found(search, "15/qd-ubnd") == {"hai": 1}
    assert await found(search, '"tu dau"') == {}
    assert await found(search, '"cong chao" 15 đầu') == {"hai": 1}
    assert await found(search, "kinh cong") == {}, "all of them must stand on one page"


async def test_pages_of_one_version_come_in_order_and_in_parts(shelf: Room, search: Search) -> None:
    paper = await shelf.published(paper_of(*(f"Trang {each} điều {each % 2}" for each in range(1, 13))))
    assert paper.version is not None
    await search.catch_up()
    pages = await search.pages(paper.version.id, read("dieu 1"), (2, 3))
    assert [page for page, _ in pages] == [5, 7, 9]
    assert pages[0][1] == "Trang 5 điều 1"
    assert await search.pages(paper.version.id, read("dieu 1"), (6, 3)) == []


async def test_a_replaced_version_is_not_found_any_more_and_leaves_nothing(shelf: Room, search: Search) -> None:
    paper = await shelf.published(paper_of(*["Bản cũ"] * 10), shelf="một")
    await search.catch_up()
    await shelf.papers.replace("bình", paper.id, "mới.pdf", in_pieces(paper_of("Bản mới")))
    await shelf.papers.settled()
    assert await found(search, "ban") == {}, "the old version is nobody's, the new one is not read yet"
    await search.catch_up()
    assert await found(search, "bản mới") == {"một": 1}
    assert await found(search, "cu") == {}
    async with shelf.db.reading() as connection:
        assert len((await connection.execute(select(page_words))).all()) == 1
        assert len((await connection.execute(select(read_versions))).all()) == 1


async def test_no_words_are_kept_of_what_somebody_keeps_for_themselves(shelf: Room, search: Search) -> None:
    await shelf.published(paper_of("Riêng tôi"), shelf=shelf_of("bình"))
    await shelf.published(paper_of("Của chung"))
    await search.catch_up()
    assert (await found(search, "riêng"), await found(search, "chung")) == ({}, {"họp-1": 1})
    assert await search.store.unread() is None


async def test_keeping_goes_on_where_it_was_left(shelf: Room, search: Search) -> None:
    paper = await shelf.published(paper_of(*(f"tờ {each}" for each in range(1, 4))))
    assert paper.version is not None
    await search.store.keep(paper.version.id, [(1, "tờ 1")])
    await search.store.keep(paper.version.id, [(1, "tờ 1"), (2, "tờ 2")])
    left = await search.store.unread()
    assert left is not None and (left.read, left.pages) == (1, 3), "what somebody else kept before is not kept twice"
    await search.catch_up()
    assert await search.store.unread() is None
    assert await found(search, "to") == {"họp-1": 3}


async def test_a_page_that_cannot_be_read_keeps_no_other_from_being_found(shelf: Room, search: Search) -> None:
    paper = await shelf.published(paper_of("một", "hai"))
    assert paper.version is not None
    shelf.papers.pages.text(paper.version.id, 1).unlink()
    search.papers.drawing.words_ahead = _nothing  # type: ignore[method-assign]
    await search.catch_up()
    assert await found(search, "hai") == {"họp-1": 1}
    assert await search.store.unread() is None


async def _nothing(_version: object) -> None:
    """As where every attempt fails."""


async def test_papers_that_come_are_taken_up_by_themselves(shelf: Room, search: Search) -> None:
    shelf.papers.on_change = search.heard
    running = asyncio.create_task(search.run())
    await asyncio.sleep(0)
    await shelf.published(paper_of("Nghị quyết"))
    async with asyncio.timeout(20):
        while not await found(search, "nghị quyết"):
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
