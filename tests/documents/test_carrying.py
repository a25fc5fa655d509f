"""A paper is replaced in the middle of a meeting, and everybody's marks are still there."""

from __future__ import annotations

import msgspec
import pymupdf
import pytest

from server.documents.ink import stream_of
from server.documents.marks import LAYERS, AddMark, AddStroke, Bookmark, Comment, EraseStroke, Mark, Stroke
from server.documents.papers import PaperId, VersionId
from server.documents.store import DrawnMark
from server.http import Visitor
from server.streams import StreamId
from tests.documents.house import Room, in_pieces, saved
from tests.documents.test_live import DESK, PERSONS, door_of

LINES = [f"Khoản {n}. Giao đơn vị số {n * 7} hoàn thành nhiệm vụ thứ {n * 13} trong quý này" for n in range(1, 31)]
STEP = 22.0


def draft(lines: list[str], pages: int = 1) -> bytes:
    """A PDF of these lines on its last page; the pages before it have other words."""
    document = pymupdf.open()
    for number in range(1, pages):
        document.new_page().insert_text((72, 72), f"Bìa số {number} của hồ sơ trình cuộc họp hôm nay")
    page = document.new_page()
    for at, line in enumerate(lines):
        page.insert_text((72, 72 + at * STEP), line, fontsize=10)
    return saved(document)


def over(line: int, mark: str, page: int = 1) -> AddStroke:
    """A marker over a line, counted from 0."""
    y = round((72 + line * STEP - 4) * 10_000 / 595)
    return AddStroke(Stroke(mark, page, "marker", "#ffe45c", 200, [(1300, y, 500), (4000, y, 500)]))


async def replaced(room: Room, paper: PaperId, content: bytes) -> VersionId:
    await room.papers.replace("bình", paper, "Báo cáo.pdf", in_pieces(content))
    await room.papers.settled()
    version = (await room.papers.paper(paper)).version
    assert version is not None
    return version.id


class Scene(msgspec.Struct):
    """A paper of one version with marks on it, and how to see those of the newest."""

    room: Room
    paper: PaperId
    first: VersionId

    async def draw(self, person: str, layer: str, mark: AddStroke | AddMark) -> None:
        stream = stream_of(self.first, layer, person)
        assert (await self.room.ink.perform(stream, person, f"{mark}", mark)).ok

    async def seen(self, version: VersionId, layer: str, person: str = "") -> dict[str, DrawnMark]:
        _, drawn = await self.room.ink.visible(stream_of(version, layer, person))
        return {each.mark.id: each for each in drawn}


@pytest.fixture
async def scene(papers_room: Room) -> Scene:
    paper = await papers_room.published(draft(LINES))
    assert paper.version is not None
    return Scene(papers_room, paper.id, paper.version.id)


def how(drawn: DrawnMark) -> tuple[int, str]:
    assert drawn.origin is not None
    return drawn.mark.page, drawn.origin.how


def top(mark: Mark) -> int:
    assert isinstance(mark, Stroke)
    return mark.points[0][1]


async def test_marks_follow_their_lines_into_the_new_version_by_their_authors(scene: Scene) -> None:
    for line in (2, 10, 20):
        await scene.draw("lan", "all", over(line, f"over-line-{line}"))
    await scene.draw("chi", "desk", AddMark(Comment("comment-20", 1, (1500, top(over(20, "x" * 8).stroke)), "Xem lại")))
    new = [*LINES[:5], "Khoản mới. Bổ sung kinh phí theo nghị quyết vừa ban hành", *LINES[5:10], *LINES[11:]]
    newest = await replaced(scene.room, scene.paper, draft(new, pages=2))
    before, seen = await scene.seen(scene.first, "all"), await scene.seen(newest, "all")
    assert {mark: how(drawn) for mark, drawn in seen.items()} == {
        "over-line-2": (2, "moved"),
        "over-line-10": (2, "vanished"),
        "over-line-20": (2, "moved"),
    }
    assert [(seen[mark].by, seen[mark].at) for mark in seen] == [(before[mark].by, before[mark].at) for mark in seen]
    assert top(seen["over-line-20"].mark) == pytest.approx(top(before["over-line-20"].mark), abs=30)
    [comment] = await scene.room.ink.comments(scene.paper, frozenset({"desk"}))
    assert (comment.person, comment.page, comment.text) == ("chi", 2, "Xem lại")
    assert await scene.room.ink.comments(scene.paper, frozenset({"all"})) == []


async def test_a_bookmark_stays_with_the_words_of_its_page(scene: Scene) -> None:
    await scene.draw("lan", "mine", AddMark(Bookmark("bookmark-1", 1, "Các khoản")))
    newest = await replaced(scene.room, scene.paper, draft(LINES, pages=3))
    seen = await scene.seen(newest, "mine", "lan")
    assert {mark: how(drawn) for mark, drawn in seen.items()} == {"bookmark-1": (3, "moved")}
    assert seen["bookmark-1"].mark == Bookmark("bookmark-1", 3, "Các khoản")
    others = [f"Điều {n}. Nội dung hoàn toàn khác về việc {n * 17}" for n in range(1, 31)]
    last = await replaced(scene.room, scene.paper, draft(others))
    assert {mark: how(drawn)[1] for mark, drawn in (await scene.seen(last, "mine", "lan")).items()} == {
        "bookmark-1": "vanished"
    }


async def test_nothing_is_carried_twice_and_what_was_erased_stays_erased(scene: Scene) -> None:
    for line in (1, 2, 3):
        await scene.draw("lan", "mine", over(line, f"over-line-{line}"))
    first = stream_of(scene.first, "mine", "lan")
    assert (await scene.room.ink.perform(first, "lan", "e1", EraseStroke("over-line-1"))).ok
    second = await replaced(scene.room, scene.paper, draft(LINES[1:]))
    assert set(await scene.seen(second, "mine", "lan")) == {"over-line-2", "over-line-3"}
    newer = stream_of(second, "mine", "lan")
    assert (await scene.room.ink.perform(newer, "lan", "e2", EraseStroke("over-line-2"))).ok
    # A tablet that was without a network sends what it drew and rubbed out on the first version.
    await scene.draw("lan", "mine", over(9, "over-line-9"))
    assert (await scene.room.ink.perform(first, "lan", "e3", EraseStroke("over-line-3"))).ok
    assert {event.type for event in await scene.room.streams.read(newer, 3)} == {"mark.carried", "stroke.erased"}
    third = await replaced(scene.room, scene.paper, draft(["Điều 1. Trang trống thêm vào phía trước", *LINES]))
    for _ in range(2):
        assert {mark: how(each) for mark, each in (await scene.seen(third, "mine", "lan")).items()} == {
            "over-line-9": (1, "moved")
        }
    for stream in (first, newer, stream_of(third, "mine", "lan")):
        assert await scene.room.streams.verify(stream) is None


async def test_nobody_rubs_out_what_others_drew_by_way_of_an_older_version(scene: Scene) -> None:
    newest = await replaced(scene.room, scene.paper, draft(LINES[1:]))
    here, older = stream_of(newest, "all", ""), stream_of(scene.first, "all", "")
    assert (await scene.room.ink.perform(here, "chair", "c1", over(3, "the-chairs-mark"))).ok
    await scene.draw("mallory", "all", over(5, "the-chairs-mark"))
    assert (await scene.room.ink.perform(older, "mallory", "e1", EraseStroke("the-chairs-mark"))).ok
    assert {mark: drawn.by for mark, drawn in (await scene.seen(newest, "all")).items()} == {"the-chairs-mark": "chair"}


async def test_each_layer_stays_with_those_who_may_see_it(scene: Scene) -> None:
    door = door_of(scene.room)
    author = PERSONS["người góp ý"]
    for number, layer in enumerate(LAYERS):
        await scene.draw(author.person, layer, over(4 + number, f"the-{layer}-mark"))
    newest = await replaced(scene.room, scene.paper, draft(LINES[2:]))

    async def told(visitor: Visitor, layer: str) -> list[tuple[str, str]]:
        _, snapshot = await door.snapshot(visitor, stream_of(newest, layer, visitor.person))
        return [(stroke["id"], stroke["origin"]["how"]) for stroke in msgspec.json.decode(snapshot)["strokes"]]

    for visitor, layers in ((author, LAYERS), (PERSONS["chủ tọa"], ("desk", "all")), (PERSONS["đại biểu"], ("all",))):
        for layer in LAYERS:
            assert await told(visitor, layer) == ([(f"the-{layer}-mark", "moved")] if layer in layers else [])
    [entry] = await scene.room.streams.read(StreamId(f"ink:{newest}:desk"), 0)
    assert door.audience(entry) == DESK | {author.person}
    assert door.digest(StreamId(f"ink:{newest}:all")) is not None


async def test_marks_on_scanned_pages_follow_their_picture(papers_room: Room) -> None:
    def scans(*numbers: int) -> bytes:
        document = pymupdf.open()
        for number in numbers:
            page = document.new_page()
            for at in range(12):
                box = pymupdf.Rect(40 * ((number * at) % 11), 60 * at, 40 * ((number * at) % 11) + 150, 60 * at + 30)
                page.draw_rect(box, fill=(0, 0, 0))
        return saved(document)

    room = papers_room
    paper = await room.published(scans(3, 5, 7))
    assert paper.version is not None
    stream = stream_of(paper.version.id, "all", "lan")
    for page in (1, 2, 3):
        await room.ink.perform(stream, "lan", f"c{page}", over(3, f"on-page-{page}", page))
    newest = await replaced(room, paper.id, scans(3, 9, 5))
    _, drawn = await room.ink.visible(stream_of(newest, "all", "lan"))
    assert {each.mark.id: how(each) for each in drawn} == {
        "on-page-1": (1, "same"),
        "on-page-2": (3, "moved"),
        "on-page-3": (3, "vanished"),
    }
