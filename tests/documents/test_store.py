"""The same rows in both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.documents.ink import stream_of
from server.documents.marks import AddStroke, EraseStroke, Stroke
from server.documents.papers import State
from tests.documents.house import Room, in_pieces, pdf, room


async def use_everything(opened: Room) -> None:
    """Publish, replace, refuse, draw, erase."""
    paper = await opened.published(pdf(pages=2))
    assert paper.version is not None
    await opened.papers.replace("lan", paper.id, "mới.pdf", in_pieces(pdf(pages=3)))
    await opened.papers.settled()
    refused = await opened.published(b"", name="rỗng.pdf")
    assert [each.state for each in await opened.papers.on_shelf("họp-1")] == [State.READY, State.REFUSED]
    assert await opened.papers.store.unfinished() == []
    now = await opened.papers.paper(paper.id)
    assert now.version is not None
    assert (now.version.number, now.version.rendered, refused.code) == (2, 3, "paper.empty")
    stream = stream_of(now.version.id, "all", "")
    stroke = Stroke("stroke-1", 3, "pen", "#000000", 20, [(1, 2, 3)])
    assert (await opened.ink.perform(stream, "lan", "c1", AddStroke(stroke))).ok
    assert [each.mark for each in (await opened.ink.visible(stream))[1]] == [stroke]
    assert (await opened.ink.perform(stream, "lan", "c2", EraseStroke("stroke-1"))).ok
    assert await opened.ink.visible(stream) == (2, [])


async def test_papers_and_ink_live_in_sqlite(papers_room: Room) -> None:
    await use_everything(papers_room)


@pytest.mark.slow
async def test_papers_and_ink_live_in_postgresql(tmp_path: Path, fresh_postgres_url: str) -> None:
    async with room(tmp_path, url=fresh_postgres_url) as opened:
        await use_everything(opened)


async def test_an_original_is_needed_as_long_as_any_paper_came_from_it(papers_room: Room) -> None:
    content = pdf(pages=1)
    for shelf in ("họp-1", "họp-2"):
        await papers_room.published(content, shelf=shelf)
    paper = (await papers_room.papers.on_shelf("họp-1"))[0]
    download = await papers_room.papers.original(paper.id)
    assert await papers_room.papers.store.uses_file(download.path.name)  # type: ignore[arg-type]
    assert not await papers_room.papers.store.uses_file("0" * 64)  # type: ignore[arg-type]
