"""Marks become PDF annotations (ISO 32000-1 §12.5.6). Runs in the confined worker only.

A marker drawn along a line of text becomes a /Highlight, other strokes an /Ink, shapes /Line, /Square and /Circle,
notes a /FreeText, comments a /Text. The coordinates of marks are those of the page as it is read; annotations want
those before the page's rotation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pymupdf

from server.documents.lettering import STICKER, Lettering
from server.documents.placing import UNIT, Marked, band, by_page, is_along_a_line, mean_pressure, pdf_date, rgb
from server.documents.xfdf import Annotation

ENTRIES = ("Rect", "C", "CA", "T", "NM", "M", "CreationDate", "Contents", "DA", "InkList", "QuadPoints", "L", "LE")
MARKER_OPACITY = 0.4
COMMENT_COLOUR = (1.0, 0.84, 0.35)
COMMENTS = "Ghi chú dán trên tài liệu"
SIGN = 300
"""Width and height of a numbered sign, in 1/10000 of the page's width."""


class Inking:
    """Adds marks to one document; afterwards `drawn` names every annotation's page and object."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.letters = Lettering(document)
        self.drawn: list[tuple[int, int]] = []

    def draw(self, marks: list[Marked]) -> None:
        """Add every mark to its page as an annotation that other programs can show, hide and answer."""
        for number, drawn in by_page(marks):
            page = self.document.load_page(number - 1)
            for mark in drawn:
                self._finish(page, KINDS[mark["kind"]](self, page, mark), mark)

    def flatten(self, marks: list[Marked]) -> None:
        """Draw every mark into the pages; comments become numbers, with their words on new pages at the end."""
        comments = [mark for _, drawn in by_page(marks) for mark in drawn if mark["kind"] == "comment"]
        self.draw([mark for mark in marks if mark["kind"] != "comment"])
        for number, mark in enumerate(comments, start=1):
            page = self.document.load_page(mark["page"] - 1)
            x, y = min(mark["spot"][0], UNIT - SIGN), mark["spot"][1]
            sign = mark | {"spot": (x, y), "width": SIGN, "size": SIGN * 0.7, "colour": "#13201f", "text": f" {number}"}
            note = self.note(page, sign)
            note.update()
            self.letters.dress(page, note, sign, STICKER)
        self.document.bake(annots=True, widgets=False)
        if comments:
            self.letters.append(COMMENTS, comments)

    def _finish(self, page: Any, note: Any, mark: Marked) -> None:
        """Let the library draw what it can; letters are ours."""
        date = pdf_date(mark["at"])
        note.set_info(title=mark["author"], content=mark.get("text", ""), creationDate=date, modDate=date)
        note.update(opacity=MARKER_OPACITY if mark.get("tool") == "marker" else 1)
        if mark["kind"] == "note":
            self.letters.dress(page, note, mark)
        self.document.xref_set_key(note.xref, "NM", pymupdf.get_pdf_str(mark["id"]))
        self.drawn.append((page.number, note.xref))

    def annotations(self) -> Iterator[Annotation]:
        """What the file now says of every annotation drawn here."""
        for page, xref in self.drawn:
            entries = {key: self._entry(xref, key) for key in ENTRIES}
            entries["Width"] = self._entry(xref, "BS/W")
            yield {"page": page, "kind": self._entry(xref, "Subtype").lstrip("/"), "entries": entries}

    def _entry(self, xref: int, key: str) -> str:
        kind, value = self.document.xref_get_key(xref, key)
        return "" if kind == "null" else str(value)

    def stroke(self, page: Any, mark: Marked) -> Any:
        """A /Highlight or an /Ink."""
        scale = page.rect.width / UNIT
        if is_along_a_line(mark):
            box = pymupdf.Rect([each * scale for each in band(mark)])
            note = page.add_highlight_annot(quads=[box.quad * page.derotation_matrix])
        else:
            points = [_spot(page, point) for point in mark["points"]]
            if len(points) == 1:
                points.append(points[0] + (0.1, 0))
            note = page.add_ink_annot([[tuple(point) for point in points]])
            note.set_border(width=mark["width"] * scale * mean_pressure(mark))
        note.set_colors(stroke=rgb(mark["colour"]))
        return note

    def shape(self, page: Any, mark: Marked) -> Any:
        """A /Line, with an open arrow at its end where it is one, a /Square or a /Circle."""
        start, end = _spot(page, mark["start"]), _spot(page, mark["end"])
        if mark["form"] in ("line", "arrow"):
            note = page.add_line_annot(start, end)
            if mark["form"] == "arrow":
                note.set_line_ends(pymupdf.PDF_ANNOT_LE_NONE, pymupdf.PDF_ANNOT_LE_OPEN_ARROW)
        else:
            box = _room_for(start, end)
            note = page.add_rect_annot(box) if mark["form"] == "rectangle" else page.add_circle_annot(box)
        note.set_border(width=mark["width"] * page.rect.width / UNIT)
        note.set_colors(stroke=rgb(mark["colour"]))
        return note

    def note(self, page: Any, mark: Marked) -> Any:
        """A /FreeText as high as its lines."""
        size = mark["size"] * page.rect.width / UNIT
        box = self.letters.box(page, mark)
        return page.add_freetext_annot(box, mark["text"], fontsize=size, text_color=rgb(mark["colour"]))

    def comment(self, page: Any, mark: Marked) -> Any:
        """A /Text: a sign, with its words behind."""
        note = page.add_text_annot(_spot(page, mark["spot"]), mark["text"], icon="Comment")
        note.set_colors(stroke=COMMENT_COLOUR)
        return note


KINDS: dict[str, Callable[[Inking, Any, Marked], Any]] = {
    "stroke": Inking.stroke,
    "shape": Inking.shape,
    "note": Inking.note,
    "comment": Inking.comment,
}


def _spot(page: Any, point: list[int]) -> Any:
    scale = page.rect.width / UNIT
    return pymupdf.Point(point[0] * scale, point[1] * scale) * page.derotation_matrix


def _room_for(start: Any, end: Any) -> Any:
    """The box between two corners; a box without width or height is none, and a hair is added."""
    return pymupdf.Rect(min(start.x, end.x), min(start.y, end.y), max(start.x, end.x) + 0.1, max(start.y, end.y) + 0.1)
