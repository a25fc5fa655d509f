"""From the file somebody sends to the pages everybody reads."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PIL import Image

from server.documents.limits import STANDARD_WIDTH, THUMBNAIL_WIDTH, WIDTHS
from server.documents.papers import State
from server.documents.sandbox import Session
from server.errors import Invalid, NotFound, TooLarge
from tests.documents.house import Room, in_pieces, pdf, room, saved, slips


async def test_a_pdf_is_published_with_an_image_and_a_thumbnail_of_every_page(papers_room: Room) -> None:
    paper = await papers_room.published(pdf(pages=3))
    assert paper.state is State.READY
    assert paper.version is not None
    assert (paper.version.pages, paper.version.rendered, paper.version.number) == (3, 3, 1)
    for page in (1, 2, 3):
        for width in (STANDARD_WIDTH, THUMBNAIL_WIDTH):
            with Image.open(papers_room.papers.pages.image(paper.version.id, page, width)) as image:
                assert (image.format, image.width) == ("WEBP", width)
                assert image.height == pytest.approx(width * 842 / 595, abs=1)


async def test_the_first_page_is_on_screen_before_the_rest_is_rendered(papers_room: Room) -> None:
    await papers_room.published(slips(12))
    ready = next(paper for paper in papers_room.changes if paper.state is State.READY)
    assert ready.version is not None
    assert (ready.version.rendered, ready.version.pages) == (1, 12)


async def test_progress_counts_up_page_by_page(papers_room: Room) -> None:
    await papers_room.published(slips(4))
    counts = [paper.version.rendered for paper in papers_room.changes if paper.version is not None]
    assert counts == [1, 2, 3, 4]


async def test_the_words_of_every_page_are_read_before_anybody_asks_and_after_all_images(papers_room: Room) -> None:
    asked: list[tuple[str, int]] = []
    honest = papers_room.papers.renderers.ask

    async def heard(session: Session, operation: str, **arguments: Any) -> dict[str, Any]:
        asked.append((operation, arguments["page"]))
        return await honest(session, operation, **arguments)

    papers_room.papers.renderers.ask = heard  # type: ignore[method-assign]
    paper = await papers_room.published(slips(3))
    assert paper.version is not None
    images, words = ([(what, page) for page in (1, 2, 3)] for what in ("render", "text"))
    assert asked == images + words
    for page in (1, 2, 3):
        await papers_room.papers.page_text(paper.version.id, page)
    assert len(asked) == 6, "they lie there"


async def test_a_page_may_be_asked_for_in_every_width_we_have_and_no_other(papers_room: Room) -> None:
    paper = await papers_room.published(pdf(pages=1))
    assert paper.version is not None
    for width in WIDTHS:
        with Image.open(await papers_room.papers.page_image(paper.version.id, 1, width)) as image:
            assert image.width == width
    with pytest.raises(Invalid, match=r"page\.width_unknown"):
        await papers_room.papers.page_image(paper.version.id, 1, 1000)


async def test_a_page_beyond_the_last_is_refused(room_with_paper: Room) -> None:
    [paper] = await room_with_paper.papers.on_shelf("họp-1")
    assert paper.version is not None
    for page in (0, 3):
        with pytest.raises(NotFound, match=r"page\.out_of_range") as refused:
            await room_with_paper.papers.page_image(paper.version.id, page, 960)
        assert refused.value.details == {"pages": 2}


async def test_many_readers_of_a_page_that_is_not_drawn_yet_share_one_drawing(room_with_paper: Room) -> None:
    [paper] = await room_with_paper.papers.on_shelf("họp-1")
    assert paper.version is not None
    asked = [room_with_paper.papers.page_image(paper.version.id, 1, 2160) for _ in range(200)]
    paths = await asyncio.gather(*asked)
    assert len(set(paths)) == 1
    assert paths[0].exists()


async def test_the_text_layer_holds_words_with_their_boxes_on_the_page_as_it_is_read(papers_room: Room) -> None:
    document = pymupdf.open(stream=pdf(pages=2), filetype="pdf")
    document[1].set_rotation(90)
    paper = await papers_room.published(saved(document))
    assert paper.version is not None
    upright = json.loads((await papers_room.papers.page_text(paper.version.id, 1)).read_bytes())
    turned = json.loads((await papers_room.papers.page_text(paper.version.id, 2)).read_bytes())
    assert (upright["width"], upright["height"]) == (595, 842)
    assert (turned["width"], turned["height"]) == (842, 595)
    assert [word[4] for word in upright["words"]] == ["Trang", "1"]
    x0, y0, x1, y1, _ = upright["words"][0]
    # A quarter turn clockwise: what stood at (x, y) stands at (old height - y, x).
    assert turned["words"][0] == pytest.approx([842 - y1, x0, 842 - y0, x1, "Trang"], abs=0.02)


async def test_equal_files_of_two_meetings_are_different_versions(papers_room: Room) -> None:
    content = slips(1)
    one = await papers_room.published(content, shelf="họp-1")
    other = await papers_room.published(content, shelf="họp-2")
    assert one.version is not None
    assert other.version is not None
    assert one.version.id != other.version.id


async def test_a_newer_file_becomes_version_two_and_the_first_stays_readable(room_with_paper: Room) -> None:
    [first] = await room_with_paper.papers.on_shelf("họp-1")
    assert first.version is not None
    waiting = await room_with_paper.papers.replace("lan", first.id, "Báo cáo sửa.pdf", in_pieces(slips(5)))
    assert waiting.version is not None
    assert waiting.version.id == first.version.id
    await room_with_paper.papers.settled()
    second = await room_with_paper.papers.paper(first.id)
    assert second.version is not None
    assert (second.version.number, second.version.pages, second.version.by) == (2, 5, "lan")
    assert second.name == "Báo cáo sửa.pdf"
    assert (await room_with_paper.papers.page_image(first.version.id, 2, 480)).exists()


async def test_a_newer_file_that_is_refused_leaves_the_old_version_on_screen(room_with_paper: Room) -> None:
    [first] = await room_with_paper.papers.on_shelf("họp-1")
    await room_with_paper.papers.replace("lan", first.id, "hỏng.pdf", in_pieces(b"%PDF-1.7 nothing"))
    await room_with_paper.papers.settled()
    now = await room_with_paper.papers.paper(first.id)
    assert (now.state, now.code) == (State.REFUSED, "paper.damaged")
    assert now.version == first.version


async def test_of_two_newer_files_in_a_row_the_last_one_wins(room_with_paper: Room) -> None:
    [first] = await room_with_paper.papers.on_shelf("họp-1")
    await room_with_paper.papers.replace("lan", first.id, "a.pdf", in_pieces(slips(30)))
    await room_with_paper.papers.replace("lan", first.id, "b.pdf", in_pieces(slips(3)))
    await room_with_paper.papers.settled()
    now = await room_with_paper.papers.paper(first.id)
    assert now.version is not None
    assert (now.name, now.version.pages) == ("b.pdf", 3)


async def test_a_restart_takes_up_what_was_interrupted(tmp_path: Path) -> None:
    async with room(tmp_path) as before:
        waiting = await before.papers.receive("bình", "họp-1", "a.pdf", in_pieces(slips(6)))
        begun = await before.papers.receive("bình", "họp-1", "b.pdf", in_pieces(slips(60)))
        while not any(paper.id == begun.id and paper.version for paper in before.changes):
            await asyncio.sleep(0.01)
    [half] = [paper.version for paper in before.changes if paper.id == begun.id and paper.version][-1:]
    assert half is not None and half.rendered < half.pages, "it was interrupted"
    (tmp_path / "work" / "run-left-by-a-crash").mkdir()
    async with room(tmp_path) as after:
        await after.papers.settled()
        for paper, pages in ((waiting, 6), (begun, 60)):
            now = await after.papers.paper(paper.id)
            assert now.version is not None
            assert (now.state, now.version.rendered) == (State.READY, pages)
    assert after.left_over == []


async def test_a_file_beyond_the_limit_is_refused_while_it_arrives(tmp_path: Path) -> None:
    async with room(tmp_path, max_file_mb=1) as small:
        with pytest.raises(TooLarge, match=r"paper\.too_large") as refused:
            await small.papers.receive("bình", "họp-1", "lớn.pdf", in_pieces(bytes(2 << 20)))
        assert refused.value.details == {"limit_mb": 1}
        assert await small.papers.on_shelf("họp-1") == []
        assert small.left_over == []


async def test_a_shelf_lists_its_papers_in_the_order_they_came(papers_room: Room) -> None:
    for name in ("một.pdf", "hai.pdf"):
        await papers_room.published(slips(1), name=name)
    await papers_room.published(slips(1), shelf="họp-khác")
    assert [paper.name for paper in await papers_room.papers.on_shelf("họp-1")] == ["một.pdf", "hai.pdf"]


async def test_the_original_is_kept_as_it_was_sent(papers_room: Room) -> None:
    content = slips(1)
    paper = await papers_room.published(content, name="Tờ trình.docx")
    download = await papers_room.papers.original(paper.id)
    assert download.path.read_bytes() == content
    assert (download.name, download.media_type) == ("Tờ trình.pdf", "application/pdf")


async def test_closing_leaves_no_worker_and_no_temporary_file(tmp_path: Path) -> None:
    async with room(tmp_path) as opened:
        await opened.published(slips(2))
        assert opened.left_over != []
    assert opened.left_over == []


async def test_a_document_with_more_pages_than_allowed_is_refused(tmp_path: Path) -> None:
    async with room(tmp_path, max_pages=5) as small:
        paper = await small.published(slips(6))
        assert (paper.state, paper.code) == (State.REFUSED, "paper.too_many_pages")
        assert paper.details == {"pages": 6, "limit": 5}
