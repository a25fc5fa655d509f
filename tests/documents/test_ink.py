"""Ink: kept once, erased by tombstones, carried away in the PDF."""

from __future__ import annotations

import io
import random

import pymupdf
import pytest
from PIL import Image

from server.documents.ink import stream_of
from server.documents.marks import AddMark, AddStroke, Bookmark, Comment, EraseStroke, Note, Remark, Shape, Stroke
from server.documents.papers import Paper, VersionId
from server.errors import Invalid, NotFound
from server.streams import StreamId
from tests.documents.house import Room, in_pieces, pdf, saved

PEOPLE = {"lan": "a", "bình": "b", "chi": "c"}
STRAIGHT = [(1000, 2000, 500), (5000, 2030, 500)]
LINE = [(1000, 2000, 500), (3000, 2000, 700), (5000, 2100, 600)]


def drawn(mark: str, tool: str = "pen", page: int = 1, points: list[tuple[int, int, int]] | None = None) -> AddStroke:
    return AddStroke(Stroke(mark, page, tool, "#c00000", 60, points or LINE))  # type: ignore[arg-type]


async def paper_and_stream(room: Room, layer: str = "all", person: str = "lan") -> tuple[Paper, StreamId]:
    [paper] = await room.papers.on_shelf("họp-1")
    return paper, stream_of(version_of(paper), layer, person)


def version_of(paper: Paper) -> VersionId:
    assert paper.version is not None
    return paper.version.id


async def ids_in(room: Room, stream: StreamId) -> list[str]:
    _, found = await room.ink.visible(stream)
    return sorted(each.mark.id for each in found)


async def test_a_stroke_is_an_event_and_a_row(room_with_paper: Room) -> None:
    _, stream = await paper_and_stream(room_with_paper)
    answer = await room_with_paper.ink.perform(stream, "lan", "c1", drawn("stroke-1"))
    assert (answer.ok, answer.version) == (True, 1)
    [event] = await room_with_paper.streams.read(stream, 0)
    assert (event.type, event.by) == ("stroke.added", "lan")
    version, [mark] = await room_with_paper.ink.visible(stream)
    assert (version, mark.by, mark.mark.points) == (1, "lan", LINE)


async def test_the_same_command_twice_draws_once(room_with_paper: Room) -> None:
    _, stream = await paper_and_stream(room_with_paper)
    for _ in range(2):
        answer = await room_with_paper.ink.perform(stream, "lan", "c1", drawn("stroke-1"))
        assert (answer.ok, answer.version) == (True, 1)
    assert len(await room_with_paper.streams.read(stream, 0)) == 1


async def test_the_same_stroke_from_two_devices_of_one_person_is_one_stroke(room_with_paper: Room) -> None:
    _, stream = await paper_and_stream(room_with_paper)
    for command in ("c1", "c2"):
        assert (await room_with_paper.ink.perform(stream, "lan", command, drawn("stroke-1"))).ok
    assert len(await room_with_paper.streams.read(stream, 0)) == 1


async def test_nobody_takes_the_id_of_anothers_stroke(room_with_paper: Room) -> None:
    _, stream = await paper_and_stream(room_with_paper)
    await room_with_paper.ink.perform(stream, "lan", "c1", drawn("stroke-1"))
    answer = await room_with_paper.ink.perform(stream, "bình", "c1", drawn("stroke-1"))
    assert answer.code == "stroke.exists"


async def test_an_erased_stroke_does_not_come_back_when_it_is_sent_again(room_with_paper: Room) -> None:
    _, stream = await paper_and_stream(room_with_paper)
    await room_with_paper.ink.perform(stream, "lan", "c1", drawn("stroke-1"))
    await room_with_paper.ink.perform(stream, "lan", "c2", EraseStroke("stroke-1"))
    await room_with_paper.ink.perform(stream, "lan", "c3", EraseStroke("stroke-1"))
    await room_with_paper.ink.perform(stream, "lan", "c4", drawn("stroke-1"))
    assert await ids_in(room_with_paper, stream) == []
    assert [event.type for event in await room_with_paper.streams.read(stream, 0)] == ["stroke.added", "stroke.erased"]


async def test_others_strokes_are_erased_by_the_desk_only(room_with_paper: Room) -> None:
    _, stream = await paper_and_stream(room_with_paper)
    await room_with_paper.ink.perform(stream, "lan", "c1", drawn("stroke-1"))
    refused = await room_with_paper.ink.perform(stream, "bình", "c1", EraseStroke("stroke-1"))
    assert refused.code == "stroke.not_yours"
    assert (await room_with_paper.ink.perform(stream, "bình", "c2", EraseStroke("stroke-1"), tidies=True)).ok
    assert await ids_in(room_with_paper, stream) == []


def stuck(mark: str, text: str, page: int = 1) -> AddMark:
    return AddMark(Comment(mark, page, (8000, 1000), text))


async def test_a_bookmark_is_kept_for_oneself_and_refused_on_layers_of_others(room_with_paper: Room) -> None:
    command = AddMark(Bookmark("bookmark-1", 2, "Biểu số 3"))
    for layer in ("all", "desk"):
        _, shared = await paper_and_stream(room_with_paper, layer)
        refused = await room_with_paper.ink.perform(shared, "lan", f"b-{layer}", command)
        assert refused.code == "bookmark.private"
    _, mine = await paper_and_stream(room_with_paper, "mine")
    assert (await room_with_paper.ink.perform(mine, "lan", "b-mine", command)).ok
    assert await ids_in(room_with_paper, mine) == ["bookmark-1"]


async def test_bookmarks_go_into_the_outline_of_the_owners_copy_and_into_no_xfdf(room_with_paper: Room) -> None:
    paper, mine = await paper_and_stream(room_with_paper, "mine")
    await room_with_paper.ink.perform(mine, "lan", "c1", AddMark(Bookmark("bookmark-1", 2, "Biểu số 3")))
    await room_with_paper.ink.perform(mine, "lan", "c2", drawn("stroke-1"))
    for form in ("annotations", "flat"):
        content, _ = await room_with_paper.ink.annotated("lan", paper.id, frozenset({"mine"}), form)
        contents = pymupdf.open(stream=content, filetype="pdf").get_toc()
        assert contents == [[1, "Đánh dấu trang", -1], [2, "Trang 2: Biểu số 3", 2]]
    alone, _ = await room_with_paper.ink.annotated("lan", paper.id, frozenset({"mine"}), "xfdf")
    assert alone.count(b"<ink ") == 1 and "Biểu số 3".encode() not in alone
    content, _ = await room_with_paper.ink.annotated("bình", paper.id, frozenset({"mine"}))
    assert pymupdf.open(stream=content, filetype="pdf").get_toc() == []


async def test_shapes_notes_and_comments_are_kept_and_erased_like_strokes(room_with_paper: Room) -> None:
    _, stream = await paper_and_stream(room_with_paper)
    box = AddMark(Shape("shape-01", 1, "rectangle", "#1b3fa8", 26, (100, 200), (3000, 400)))
    note = AddMark(Note("note-001", 2, "#13201f", 200, 3000, (500, 600), "Làm rõ"))
    for number, command in enumerate((box, note, stuck("comment-1", "Chưa rõ"), box)):
        assert (await room_with_paper.ink.perform(stream, "lan", f"c{number}", command)).ok
    _, found = await room_with_paper.ink.visible(stream)
    assert {each.mark for each in found} == {box.mark, note.mark, Comment("comment-1", 1, (8000, 1000), "Chưa rõ")}
    refused = await room_with_paper.ink.perform(stream, "bình", "c9", EraseStroke("shape-01"))
    assert refused.code == "stroke.not_yours"
    assert (await room_with_paper.ink.perform(stream, "lan", "c9", EraseStroke("shape-01"))).ok
    assert await ids_in(room_with_paper, stream) == ["comment-1", "note-001"]
    types = [event.type for event in await room_with_paper.streams.read(stream, 0)]
    assert types == ["mark.added"] * 3 + ["stroke.erased"]


async def test_comments_are_listed_by_page_and_only_of_the_layers_asked_for(room_with_paper: Room) -> None:
    paper, _ = await paper_and_stream(room_with_paper)
    version = version_of(paper)
    told = (("lan", "all", 2), ("bình", "desk", 1), ("chi", "mine", 1), ("lan", "mine", 1))
    for person, layer, page in told:
        mark = stuck(f"{PEOPLE[person]}-{layer}-comment", f"{person} nói", page)
        await room_with_paper.ink.perform(stream_of(version, layer, person), person, "c1", mark)
    ink = room_with_paper.ink
    for_all = await ink.comments(paper.id, frozenset({"all"}))
    assert for_all == [Remark("a-all-comment", "lan", 2, "lan nói", for_all[0].at, "all")]
    desk = await ink.comments(paper.id, frozenset({"desk", "all"}))
    assert [(each.person, each.page, each.layer) for each in desk] == [("bình", 1, "desk"), ("lan", 2, "all")]


async def test_a_paper_that_is_not_ready_has_no_comments(room_with_paper: Room) -> None:
    paper = await room_with_paper.papers.receive("bình", "họp-1", "a.pdf", in_pieces(b"x"))
    await room_with_paper.papers.settled()
    assert await room_with_paper.ink.comments(paper.id, frozenset({"all"})) == []


async def test_erasing_what_is_not_there_is_refused(room_with_paper: Room) -> None:
    _, stream = await paper_and_stream(room_with_paper)
    answer = await room_with_paper.ink.perform(stream, "lan", "c1", EraseStroke("stroke-1"))
    assert answer.code == "stroke.unknown"


async def test_ink_on_a_paper_that_is_not_there_is_not_found(room_with_paper: Room) -> None:
    with pytest.raises(NotFound):
        await room_with_paper.ink.perform(StreamId(f"ink:{'0' * 64}:all"), "lan", "c1", drawn("stroke-1"))


@pytest.mark.parametrize("seed", range(5))
async def test_drawing_and_erasing_in_any_order_leaves_the_union_minus_the_tombstones(
    room_with_paper: Room, seed: int
) -> None:
    _, stream = await paper_and_stream(room_with_paper)
    dice = random.Random(seed)
    acked: set[str] = set()
    erased: set[str] = set()
    for step in range(120):
        person = dice.choice(list(PEOPLE))
        if dice.random() < 0.6 or not acked:
            mark = f"{PEOPLE[person]}-stroke-{dice.randrange(30)}"
            if (await room_with_paper.ink.perform(stream, person, f"c{step}", drawn(mark))).ok:
                acked.add(mark)
        else:
            mark = dice.choice(sorted(acked))
            tidies = person == "chi"
            if (await room_with_paper.ink.perform(stream, person, f"c{step}", EraseStroke(mark), tidies)).ok:
                erased.add(mark)
    assert await ids_in(room_with_paper, stream) == sorted(acked - erased)
    assert await room_with_paper.streams.verify(stream) is None


async def test_the_annotated_pdf_carries_every_visible_stroke_and_no_erased_one(room_with_paper: Room) -> None:
    paper, stream = await paper_and_stream(room_with_paper)
    await room_with_paper.ink.perform(stream, "lan", "c1", drawn("stroke-1"))
    await room_with_paper.ink.perform(stream, "bình", "c2", drawn("stroke-2", "marker", page=2, points=STRAIGHT))
    await room_with_paper.ink.perform(stream, "bình", "c5", drawn("stroke-5", "marker", page=2))
    await room_with_paper.ink.perform(stream, "lan", "c3", drawn("stroke-3"))
    await room_with_paper.ink.perform(stream, "lan", "c4", EraseStroke("stroke-3"))
    content, name = await room_with_paper.ink.annotated("lan", paper.id, frozenset({"all"}))
    document = pymupdf.open(stream=content, filetype="pdf")
    found = [(page.number + 1, note.type[1], note.info["title"]) for page in document for note in page.annots()]
    assert found == [(1, "Ink", "Lan"), (2, "Highlight", "Bình"), (2, "Ink", "Bình")]
    assert name == "Báo cáo.pdf"


async def test_private_strokes_travel_with_their_author_alone(room_with_paper: Room) -> None:
    paper, mine = await paper_and_stream(room_with_paper, "mine", "lan")
    await room_with_paper.ink.perform(mine, "lan", "c1", drawn("stroke-1"))
    for person, strokes in (("lan", 1), ("bình", 0)):
        content, _ = await room_with_paper.ink.annotated(person, paper.id, frozenset({"mine"}))
        document = pymupdf.open(stream=content, filetype="pdf")
        assert sum(len(list(page.annots())) for page in document) == strokes


async def test_what_somebody_wrote_to_the_desk_travels_with_their_own_marks_and_no_one_elses(
    room_with_paper: Room,
) -> None:
    paper, desk = await paper_and_stream(room_with_paper, "desk")
    await room_with_paper.ink.perform(desk, "lan", "c1", drawn("stroke-1"))
    await room_with_paper.ink.perform(desk, "bình", "c2", drawn("stroke-2"))
    for layers, authors in (({"mine"}, ["Lan"]), ({"mine", "desk"}, ["Bình", "Lan"])):
        content, _ = await room_with_paper.ink.annotated("lan", paper.id, frozenset(layers))
        document = pymupdf.open(stream=content, filetype="pdf")
        assert sorted(mark.info["title"] for page in document for mark in page.annots()) == authors


async def test_a_flat_copy_has_the_strokes_in_its_pixels_and_no_annotations(room_with_paper: Room) -> None:
    paper, stream = await paper_and_stream(room_with_paper)
    await room_with_paper.ink.perform(stream, "lan", "c1", drawn("stroke-1"))
    content, _ = await room_with_paper.ink.annotated("lan", paper.id, frozenset({"all"}), "flat")
    document = pymupdf.open(stream=content, filetype="pdf")
    assert list(document[0].annots()) == []
    assert is_red(document, 0, 0.3, 0.2)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
async def test_a_stroke_lies_where_it_was_drawn_however_the_page_is_turned(
    room_with_paper: Room, rotation: int
) -> None:
    source = pymupdf.open(stream=pdf(pages=1), filetype="pdf")
    source[0].set_rotation(rotation)
    paper = await room_with_paper.published(saved(source))
    stream = stream_of(version_of(paper), "all", "lan")
    await room_with_paper.ink.perform(stream, "lan", "c1", drawn("stroke-1"))
    for form in ("annotations", "flat"):
        content, _ = await room_with_paper.ink.annotated("lan", paper.id, frozenset({"all"}), form)
        assert is_red(pymupdf.open(stream=content, filetype="pdf"), 0, 0.3, 0.2)


def is_red(document: pymupdf.Document, page: int, x: float, y: float) -> bool:
    """Is there red at this place, given in parts of the page's width?"""
    drawn_page = document[page].get_pixmap()
    image = Image.open(io.BytesIO(drawn_page.tobytes("png"))).convert("RGB")
    red, green, blue = image.getpixel((int(x * image.width), int(y * image.width)))
    return bool(red > 120 and green < 100 and blue < 100)


async def test_a_layer_that_does_not_exist_is_refused(room_with_paper: Room) -> None:
    paper, _ = await paper_and_stream(room_with_paper)
    with pytest.raises(Invalid, match=r"ink\.layer_unknown"):
        await room_with_paper.ink.annotated("lan", paper.id, frozenset({"all", "bình"}))


async def test_a_paper_without_a_version_has_no_annotated_copy(room_with_paper: Room) -> None:
    paper = await room_with_paper.papers.receive("bình", "họp-1", "a.pdf", in_pieces(b"x"))
    await room_with_paper.papers.settled()
    with pytest.raises(NotFound, match=r"paper\.not_ready"):
        await room_with_paper.ink.annotated("lan", paper.id, frozenset({"all"}))
