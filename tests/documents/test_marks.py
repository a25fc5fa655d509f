"""Strokes stay on their page, and only the right hand rubs them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.documents.limits import PageSize
from server.documents.marks import (
    AddMark,
    AddStroke,
    Bookmark,
    Comment,
    EraseStroke,
    InkCommand,
    Note,
    Shape,
    Stroke,
    box_of,
    fitted,
    may_erase,
    put,
)
from server.errors import Refused

A4 = PageSize(595, 842)
LANDSCAPE = PageSize(842, 595)


SHAPE = Shape("shape-0001", 1, "arrow", "#1b3fa8", 26, (100, 200), (3000, 400))
NOTE = Note("note-00001", 1, "#13201f", 200, 3000, (500, 600), "Đề nghị làm rõ số liệu")
COMMENT = Comment("comment-01", 1, (9000, 700), "Chưa thống nhất với số liệu tại Phụ lục II.")


def stroke(page: int = 1, points: list[tuple[int, int, int]] | None = None) -> Stroke:
    return Stroke("stroke-0001", page, "pen", "#1a2b3c", 20, points or [(100, 200, 500)])


def test_points_beside_the_page_are_moved_to_its_edge() -> None:
    wild = [(-50, 99_999, 2000), (10_001, -1, -5), (5000, 5000, 1000)]
    assert fitted(stroke(points=wild), (A4,)).points == [(0, 14_151, 1000), (10_000, 0, 0), (5000, 5000, 1000)]


def test_the_lower_edge_depends_on_the_shape_of_the_page() -> None:
    low = [(0, 14_000, 500)]
    assert fitted(stroke(points=low), (A4,)).points == low
    assert fitted(stroke(points=low), (LANDSCAPE,)).points == [(0, 7067, 500)]


def test_a_stroke_on_a_page_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match=r"page\.out_of_range") as refused:
        fitted(stroke(page=3), (A4, A4))
    assert refused.value.details == {"pages": 2}


def test_one_erases_ones_own_and_the_desk_erases_anybodys() -> None:
    assert may_erase("lan", "lan", tidies=False)
    assert not may_erase("lan", "bình", tidies=False)
    assert may_erase("lan", "bình", tidies=True)


def test_a_command_reads_back_as_it_was_written() -> None:
    for command in (AddStroke(stroke()), AddMark(SHAPE), AddMark(NOTE), AddMark(COMMENT), EraseStroke("stroke-0001")):
        assert msgspec.json.decode(msgspec.json.encode(command), type=InkCommand) == command


POINT = [100, 200, 500]
GOOD = {"kind": "stroke", "id": "stroke-0001", "page": 1, "tool": "pen", "colour": "#1a2b3c", "width": 20}


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": []},
        {"points": [POINT] * 2001},
        {"points": [[1, 2]]},
        {"points": [[1.5, 2, 3]]},
        {"points": [POINT], "tool": "laser"},
        {"points": [POINT], "colour": "red"},
        {"points": [POINT], "colour": "#12345g"},
        {"points": [POINT], "width": 0},
        {"points": [POINT], "id": "../../../etc"},
        {"points": [POINT], "page": 0},
        {"points": [POINT], "by": "somebody-else"},
    ],
)
def test_a_stroke_out_of_form_is_not_read(wrong: dict[str, object]) -> None:
    command = msgspec.json.encode({"type": "stroke.add", "stroke": GOOD | wrong})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(command, type=InkCommand)


def test_a_stroke_of_two_thousand_points_is_read() -> None:
    command = msgspec.json.encode({"type": "stroke.add", "stroke": GOOD | {"points": [POINT] * 2000}})
    read = msgspec.json.decode(command, type=InkCommand)
    assert isinstance(read, AddStroke)
    assert len(read.stroke.points) == 2000


def test_a_shape_beside_the_page_ends_at_its_edge() -> None:
    wild = msgspec.structs.replace(SHAPE, start=(-5, 20_000), end=(10_500, -1))
    assert fitted(wild, (A4,)) == msgspec.structs.replace(SHAPE, start=(0, 14_151), end=(10_000, 0))


def test_a_note_stays_whole_on_the_page() -> None:
    low = fitted(msgspec.structs.replace(NOTE, spot=(9_900, 99_000)), (A4,))
    assert low == msgspec.structs.replace(NOTE, spot=(7_000, 13_951))


def test_words_are_kept_in_one_normal_form_and_nothing_is_refused() -> None:
    decomposed = fitted(msgspec.structs.replace(COMMENT, text="  Đề nghi\u0323 \u202ebỏ  "), (A4,))
    assert isinstance(decomposed, Comment)
    assert decomposed.text == "Đề nghị bỏ"
    with pytest.raises(Refused, match=r"mark\.empty"):
        fitted(msgspec.structs.replace(COMMENT, text=" \u200b\n"), (A4,))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "shape", "form": "star"},
        {"kind": "shape", "end": [1, 2, 3]},
        {"kind": "shape", "end": [1.5, 2]},
        {"kind": "shape", "width": 5000},
        {"kind": "note", "text": "x" * 501},
        {"kind": "note", "text": ""},
        {"kind": "note", "size": 1},
        {"kind": "comment", "text": "x" * 2001},
        {"kind": "comment", "by": "somebody-else"},
        {"kind": "stroke"},
        {"kind": "seal"},
    ],
)
def test_a_mark_out_of_form_is_not_read(wrong: dict[str, object]) -> None:
    base = {"shape": SHAPE, "note": NOTE}.get(str(wrong["kind"]), COMMENT)
    good = msgspec.to_builtins(base)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"type": "mark.add", "mark": good | wrong}), type=InkCommand)


GOLDEN = msgspec.json.decode((Path(__file__).parents[1] / "golden/ink.json").read_bytes())


def plain(value: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(value))


@pytest.mark.parametrize("row", [row for row in GOLDEN if row["command"]], ids=lambda row: row["event"]["data"]["id"])
def test_yesterdays_commands_are_still_read_and_written_the_same(row: dict[str, Any]) -> None:
    command = msgspec.json.decode(msgspec.json.encode(row["command"]), type=InkCommand)
    assert plain(command) == row["command"]
    if not isinstance(command, EraseStroke):
        mark = command.stroke if isinstance(command, AddStroke) else command.mark
        assert plain(fitted(mark, (A4, A4, A4))) == row["event"]["data"]


def test_a_bookmark_is_a_page_with_a_name_or_none() -> None:
    kept = fitted(Bookmark("bookmark-1", 2, "  Biểu số 3 "), (A4, A4))
    assert kept == Bookmark("bookmark-1", 2, "Biểu số 3")
    assert fitted(Bookmark("bookmark-1", 1), (A4,)) == Bookmark("bookmark-1", 1, "")
    with pytest.raises(Refused, match=r"page\.out_of_range"):
        fitted(Bookmark("bookmark-1", 3), (A4, A4))
    assert box_of(kept) == (0, 0, 10_000, 10_000)
    assert put(kept, 5, 300, 40, 0.5) == Bookmark("bookmark-1", 5, "Biểu số 3")
