"""Marks become annotations that other programs read, pixels of a flat copy, and XFDF that says the same."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree import ElementTree

import pymupdf
import pytest

from server.documents.inking import Inking
from server.documents.placing import Marked, pdf_date, spoken_date
from server.documents.xfdf import NAMESPACE, xfdf

AT = 1_795_300_861_547
SAID = "Chưa thống nhất với số liệu của Sở Tài chính."
WRITTEN = "Đề nghị làm rõ số liệu tại Phụ lục II trước khi trình Hội đồng.\nƯu tiên"


def mark(kind: str, number: int, **fields: Any) -> Marked:
    return {"kind": kind, "id": f"mark-{number:04}", "page": 1, "author": "Nguyễn Thị Thảo", "at": AT + number} | fields


def shape(number: int, form: str, top: int) -> Marked:
    box = {"start": [6000, top], "end": [9000, top + 800]}
    return mark("shape", number, form=form, colour="#1b3fa8", width=60, **box)


LINE = [[1000, 2000, 500], [3000, 2000, 700], [5000, 2100, 600]]
MARKS = [
    mark("stroke", 1, tool="pen", colour="#c00000", width=60, points=LINE),
    mark("stroke", 2, tool="marker", colour="#ffe45c", width=200, points=[[1000, 1250, 500], [4000, 1250, 500]]),
    shape(3, "line", 1000),
    shape(4, "arrow", 2000),
    shape(5, "rectangle", 3000),
    shape(6, "ellipse", 4000),
    mark("note", 7, colour="#c00000", size=300, width=3000, spot=[1000, 3000], text=WRITTEN),
    mark("comment", 8, spot=[9000, 300], text=SAID),
]
KINDS = ["Ink", "Highlight", "Line", "Line", "Square", "Circle", "FreeText", "Text"]


DRAWN = [
    (2900, 1950, 3100, 2050),
    (7400, 1350, 7600, 1450),
    (5970, 3300, 6030, 3500),
    (7400, 4760, 7600, 4840),
    (1000, 3000, 4000, 3375),  # the first line of the note
    (9000, 300, 9200, 500),
]


def paper(rotation: int = 0) -> pymupdf.Document:
    document = pymupdf.open()
    document.new_page(width=595, height=842).set_rotation(rotation)
    return document


def reopened(document: pymupdf.Document) -> pymupdf.Document:
    return pymupdf.open(stream=document.tobytes(garbage=1), filetype="pdf")


def drawn(rotation: int = 0) -> tuple[pymupdf.Document, bytes]:
    document = paper(rotation)
    inking = Inking(document)
    inking.draw(MARKS)
    return reopened(document), xfdf(inking.annotations(), "Báo cáo.pdf")


def inked(document: pymupdf.Document, box: tuple[float, float, float, float]) -> bool:
    """Is there anything but white in this box, given in 1/10000 of the page's width?"""
    page = document[0]
    clip = pymupdf.Rect([each * page.rect.width / 10_000 for each in box])
    return min(page.get_pixmap(clip=clip, dpi=100).samples) < 140


def test_every_kind_of_mark_is_an_annotation_of_its_own_kind_with_author_words_and_time() -> None:
    document, _ = drawn()
    page = document[0]
    notes = list(page.annots())
    assert [note.type[1] for note in notes] == KINDS
    assert {note.info["title"] for note in notes} == {"Nguyễn Thị Thảo"}
    assert [note.info["content"] for note in notes[-2:]] == [WRITTEN, SAID]
    assert notes[0].info["creationDate"] == pdf_date(AT) == "D:20261121224101Z"
    assert [document.xref_get_key(note.xref, "NM")[1] for note in notes] == [each["id"] for each in MARKS]
    ends = [document.xref_get_key(note.xref, "LE")[1] for note in notes[2:4]]
    assert [re.findall(r"/(\w+)", each) for each in ends] == [[], ["None", "OpenArrow"]]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_marks_lie_where_they_were_made_however_the_page_is_turned(rotation: int) -> None:
    flat = paper(rotation)
    Inking(flat).flatten(MARKS)
    for document in (drawn(rotation)[0], reopened(flat)):
        for box in (
            (2900, 1950, 3100, 2050),
            (7400, 1350, 7600, 1450),
            (5970, 3300, 6030, 3500),
            (7400, 4760, 7600, 4840),
        ):
            assert inked(document, box)
        assert inked(document, (1000, 3000, 4000, 3375))  # the first line of the note
        assert inked(document, (9000, 300, 9200, 500))
        assert not inked(document, (4200, 2300, 5800, 6000))


def test_letters_with_vietnamese_marks_are_set_and_can_be_searched() -> None:
    flat = paper()
    Inking(flat).flatten(MARKS)
    text = reopened(flat)[0].get_text()
    for word in WRITTEN.split():
        assert word in text


def test_a_flat_copy_has_no_annotations_and_lists_the_comments_at_its_end() -> None:
    flat = paper()
    Inking(flat).flatten(MARKS)
    document = reopened(flat)
    assert [list(page.annots()) for page in document] == [[], []]
    listed = " ".join(document[1].get_text().split())
    assert listed == f"Ghi chú dán trên tài liệu 1. Trang 1 · Nguyễn Thị Thảo · {spoken_date(AT + 8)} {SAID}"


def test_a_flat_copy_without_comments_has_no_page_more() -> None:
    flat = paper()
    Inking(flat).flatten(MARKS[:7])
    assert len(reopened(flat)) == 1


def test_xfdf_names_the_same_annotations_as_the_pdf() -> None:
    document, written = drawn(90)
    page = document[0]
    root = ElementTree.parse(io.BytesIO(written)).getroot()
    assert root.tag == f"{{{NAMESPACE}}}xfdf"
    listed = list(root[1])
    assert [each.tag.partition("}")[2] for each in listed] == [kind.lower() for kind in KINDS]
    for each, note in zip(listed, page.annots(), strict=True):
        rect = [float(part) for part in each.get("rect", "").split(",")]
        kept = [float(part) for part in document.xref_get_key(note.xref, "Rect")[1].strip("[]").split()]
        assert rect == pytest.approx(kept)
        assert (each.get("title"), each.get("page")) == (note.info["title"], "0")
    ink, highlight, line, arrow, *_, freetext, text = listed
    assert len((ink[0][0].text or "").split(";")) == len(LINE)
    assert len(highlight.get("coords", "").split(",")) == 8
    assert (line.get("tail"), arrow.get("head"), arrow.get("tail")) == ("None", "None", "OpenArrow")
    assert arrow.get("color") == "#1b3fa8"
    assert [each[0].text for each in (freetext, text)] == [WRITTEN, SAID]
    assert text.get("icon") == "Comment"


def test_xfdf_of_nothing_is_still_xfdf() -> None:
    assert list(ElementTree.fromstring(xfdf([], "a & b.pdf"))[1]) == []


def test_letters_that_no_xml_may_hold_spoil_nobodys_file() -> None:
    entries = {"Rect": "[0 0 1 1]", "T": "Lan\ufffe", "Contents": "Xem\uffff lại\x01\ndòng 2 😀"}
    [comment] = ElementTree.fromstring(xfdf([{"page": 0, "kind": "Text", "entries": entries}], "a\x0b.pdf"))[1]
    assert (comment.get("title"), comment[0].text) == ("Lan", "Xem lại\ndòng 2 😀")


def test_words_that_look_like_markup_stay_words() -> None:
    document = paper()
    inking = Inking(document)
    inking.draw([mark("comment", 1, spot=[100, 100], text="</contents><script>(\\") | {"author": '"<b>'}])
    [comment] = ElementTree.fromstring(xfdf(inking.annotations(), "a.pdf"))[1]
    assert (comment.get("title"), comment[0].text) == ('"<b>', "</contents><script>(\\")
    page = reopened(document)[0]
    [note] = page.annots()
    assert (note.info["title"], note.info["content"]) == ('"<b>', "</contents><script>(\\")
