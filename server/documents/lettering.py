"""Vietnamese letters in a PDF: the library's own fonts have none, so words are set in ours. Confined worker only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymupdf

import server
from server.documents.placing import UNIT, Marked, rgb, spoken_date

FONT = Path(server.__file__).parent / "fonts" / "LiberationSerif-Regular.ttf"
NAME = "HopSoLetters"
LEADING = 1.25
"""From line to line, in letters' heights."""
ASCENT = 0.9
PAPER = (595.0, 842.0)
MARGIN, BODY = 56.0, 11.0
STICKER = "#ffe08a"


class Lettering:
    """Sets words in one document."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.font = pymupdf.Font(fontfile=str(FONT))
        self._xref = 0

    def lines(self, text: str, size: float, width: float) -> list[str]:
        """The text broken into lines no wider than that; a word that is wider has a line of its own."""
        lines = list[str]()
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.split(" "):
                longer = f"{line} {word}" if line else word
                if line and self.font.text_length(longer, size) > width:
                    lines.append(line)
                    longer = word
                line = longer
            lines.append(line)
        return lines

    def box(self, page: Any, mark: Marked) -> Any:
        """Where a note stands on the page before its rotation: as wide as it says, as high as its lines."""
        scale = page.rect.width / UNIT
        x, y, width, size = (each * scale for each in (*mark["spot"], mark["width"], mark["size"]))
        high = len(self.lines(mark["text"], size, width)) * size * LEADING
        return pymupdf.Rect(x, y, x + width, y + high) * page.derotation_matrix

    def dress(self, page: Any, note: Any, mark: Marked, ground: str = "") -> None:
        """Give an annotation the look of a note: its words, upright as the page is read, on `ground` if any."""
        scale = page.rect.width / UNIT
        size, width = mark["size"] * scale, mark["width"] * scale
        lines = self.lines(mark["text"], size, width)
        high = len(lines) * size * LEADING
        painted = f"{_colour(ground)} rg 0 0 {width:.2f} {high:.2f} re f\n" if ground else ""
        start = f"BT /{NAME} {size:.2f} Tf {_colour(mark['colour'])} rg {size * LEADING:.2f} TL 0 {high:.2f} Td\n"
        rows = "".join(f"{_drop(at, size)} Td <{self._glyphs(line)}> Tj\n" for at, line in enumerate(lines))
        self._wear(page, note, (width, high), f"{painted}{start}{rows}ET")

    def _wear(self, page: Any, note: Any, size: tuple[float, float], content: str) -> None:
        form = self.document.get_new_xref()
        turn = {0: "1 0 0 1 0 0", 90: "0 1 -1 0 0 0", 180: "-1 0 0 -1 0 0", 270: "0 -1 1 0 0 0"}[page.rotation % 360]
        font = f"/Resources<</Font<</{NAME} {self._embedded(page)} 0 R>>>>"
        box = f"/BBox[0 0 {size[0]:.2f} {size[1]:.2f}]/Matrix[{turn}]"
        self.document.update_object(form, f"<</Type/XObject/Subtype/Form{box}{font}>>")
        self.document.update_stream(form, content.encode())
        self.document.xref_set_key(note.xref, "AP", f"<</N {form} 0 R>>")

    def _embedded(self, page: Any) -> int:
        self._xref = self._xref or page.insert_font(fontname=NAME, fontfile=str(FONT))
        return self._xref

    def _glyphs(self, text: str) -> str:
        return "".join(f"{self.font.has_glyph(ord(letter)):04x}" for letter in text)

    def append(self, title: str, comments: list[Marked]) -> None:
        """Add pages at the end with these comments, numbered as on their pages."""
        writer = _Column(self)
        writer.write(title, BODY * 1.4)
        for number, mark in enumerate(comments, start=1):
            writer.write("", BODY / 2)
            writer.write(f"{number}. Trang {mark['page']} · {mark['author']} · {spoken_date(mark['at'])}", BODY)
            writer.write(mark["text"], BODY)


class _Column:
    """Lines down new pages at the end of the document."""

    def __init__(self, letters: Lettering) -> None:
        self.letters = letters
        self.page: Any = None
        self.y = PAPER[1]

    def write(self, text: str, size: float) -> None:
        for line in self.letters.lines(text, size, PAPER[0] - 2 * MARGIN):
            self.y += size * LEADING
            if self.y > PAPER[1] - MARGIN:
                self.page = self.letters.document.new_page(width=PAPER[0], height=PAPER[1])
                self.page.insert_font(fontname=NAME, fontfile=str(FONT))
                self.y = MARGIN + size
            self.page.insert_text((MARGIN, self.y), line, fontname=NAME, fontsize=size)


def _drop(at: int, size: float) -> str:
    """From the upper edge to the first line's foot, and from line to line."""
    return f"0 {-size * (ASCENT if at == 0 else LEADING):.2f}"


def _colour(colour: str) -> str:
    return " ".join(f"{part:.3f}" for part in rgb(colour))
