"""A paper's table of contents is told, and a reader's bookmarks stand after it in the file they take along."""

from __future__ import annotations

import json
from typing import Any

import pymupdf

from server.documents.outline import BOOKMARKS, MOST_ENTRIES, add_bookmarks, outline_of
from server.documents.placing import Marked
from tests.documents.house import Room, in_pieces, saved

CONTENTS = [[1, "Phần thứ nhất", 1], [2, "Đánh giá  tình hình", 2], [1, "Phần thứ hai", 4]]


def paper(contents: list[list[Any]] | None = None, pages: int = 5) -> pymupdf.Document:
    document = pymupdf.open()
    for _ in range(pages):
        document.new_page()
    if contents:
        document.set_toc(contents)
    return document


def bookmark(page: int, text: str = "", at: int = 0) -> Marked:
    return {"kind": "bookmark", "id": f"bookmark-{page}", "page": page, "text": text, "author": "Lan", "at": at}


def reopened(document: pymupdf.Document) -> pymupdf.Document:
    return pymupdf.open(stream=saved(document), filetype="pdf")


def test_the_outline_is_told_line_by_line_and_one_that_is_not_there_is_empty() -> None:
    told = [(one["level"], one["title"], one["page"]) for one in outline_of(paper(CONTENTS))]
    assert told == [(1, "Phần thứ nhất", 1), (2, "Đánh giá tình hình", 2), (1, "Phần thứ hai", 4)]
    assert outline_of(paper()) == []


def test_what_leads_nowhere_or_says_nothing_is_left_out_and_the_rest_has_limits() -> None:
    wild = paper([[1, "\u202e", 1], [1, "Ngoài", -1], [1, "Trong", 2]])
    assert [one["title"] for one in outline_of(wild)] == ["Trong"]
    many = paper([[1, "x" * 500, 1]] * (MOST_ENTRIES + 1))
    assert len(outline_of(many)) == MOST_ENTRIES and len(outline_of(many)[0]["title"]) == 200


def test_bookmarks_stand_after_the_papers_own_outline_page_by_page() -> None:
    document = paper(CONTENTS)
    add_bookmarks(document, [bookmark(5, "Biểu số 3"), bookmark(2)])
    added = [[1, BOOKMARKS, -1], [2, "Trang 2", 2], [2, "Trang 5: Biểu số 3", 5]]
    assert reopened(document).get_toc() == [*CONTENTS, *added]
    assert not reopened(document).is_repaired


def test_bookmarks_are_the_outline_of_a_paper_that_has_none() -> None:
    document = paper()
    add_bookmarks(document, [bookmark(3, "Kết luận")])
    assert reopened(document).get_toc() == [[1, BOOKMARKS, -1], [2, "Trang 3: Kết luận", 3]]
    untouched = paper()
    add_bookmarks(untouched, [])
    assert untouched.xref_get_key(untouched.pdf_catalog(), "Outlines")[0] == "null"


async def test_the_outline_of_a_received_paper_is_read_once_and_kept(papers_room: Room) -> None:
    received = await papers_room.papers.receive("lan", "họp-1", "Báo cáo.pdf", in_pieces(saved(paper(CONTENTS))))
    await papers_room.papers.settled()
    version = (await papers_room.papers.paper(received.id)).version
    assert version is not None
    told = await papers_room.papers.outline(version.id)
    assert [one["page"] for one in json.loads(told.read_bytes())["entries"]] == [1, 2, 4]
    assert await papers_room.papers.outline(version.id) == told
