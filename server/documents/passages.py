"""The paragraphs of a draft, as people name them: "điểm a khoản 2 Điều 5". Read off the words and their places.

What a legal text is divided into and how its parts are named: Decree 30/2020/NĐ-CP, Annex I, II.5 (phần, chương, mục,
tiểu mục, điều, khoản, điểm).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

Word = tuple[float, float, float, float, str]
"""x0, y0, x1, y1 in points from the top left of the page, and the word."""

ARTICLE = re.compile(r"^Điều\s+(\d+[a-zđ]?)\b")
PART = re.compile(r"^(Phần|Chương|Phụ lục|PHẦN|CHƯƠNG|PHỤ LỤC)\s+([IVXLC]+|\d+|thứ \w+)\b")
SECTION = re.compile(r"^([IVXL]+)\.\s")
CLAUSE = re.compile(r"^(\d{1,2}[a-zđ]?(?:\.\d{1,2})*)\.\s")
POINT = re.compile(r"^([a-zđ]{1,2})\)\s")
DASH = re.compile(r"^[-–•+*]\s")
MARKS = (ARTICLE, PART, SECTION, CLAUSE, POINT, DASH)
PAGE_NUMBER = re.compile(r"^[-–\s]*\d{1,4}(\s*/\s*\d{1,4})?[-–\s]*$")
ENDS = (".", ";", ":", "?", "!", "…", "”", '"', "./.")
INDENT_PT = 12.0
EDGE = 0.09
"""Page numbers stand in this part of the page, at its top or bottom."""
SHORT = 0.88
"""A line that ends before this part of the text's width does not go on."""
GAP = 0.9
"""White of so many line heights divides paragraphs."""


class Passage(msgspec.Struct, frozen=True):
    """One paragraph: its number within the paper, the page it begins on, its name, its words."""

    number: int
    page: int
    label: str
    """`khoản 2 Điều 5`; empty where nothing says."""
    text: str


class PageWords(msgspec.Struct, frozen=True):
    """The text layer of one page; lengths in points."""

    width: float
    height: float
    words: tuple[Word, ...]


class _Line(msgspec.Struct):
    left: float
    top: float
    right: float
    bottom: float
    text: str


class _Margins(msgspec.Struct, frozen=True):
    left: float
    right: float


def passages(pages: Sequence[PageWords]) -> list[Passage]:
    """All paragraphs of a paper, in order, each with its name."""
    found: list[tuple[int, str]] = []
    sheets = [[line for line in _lines(page.words) if not _is_page_number(line, page.height)] for page in pages]
    margins = _margins([line for lines in sheets for line in lines])
    for number, lines in enumerate(sheets, 1):
        blocks = list(_blocks(lines, margins))
        if blocks and found and _goes_on(found[-1][1], blocks[0]):
            began, text = found[-1]
            found[-1] = (began, f"{text} {blocks.pop(0)}")
        found += [(number, text) for text in blocks]
    names = _Names()
    worded = [(page, text) for page, text in found if sum(letter.isalpha() for letter in text) >= 2]
    return [Passage(number, page, names.of(text), text) for number, (page, text) in enumerate(worded, 1)]


def _goes_on(before: str, text: str) -> bool:
    """Whether a paragraph that a page's end cut goes on so."""
    return not before.endswith(ENDS) and not any(mark.match(text) for mark in MARKS) and text[:1].islower()


def _blocks(lines: Sequence[_Line], margins: _Margins) -> Iterator[str]:
    if not lines:
        return
    block = [lines[0]]
    for before, line in pairwise(lines):
        if _begins(before, line, margins):
            yield _joined(block)
            block = []
        block.append(line)
    yield _joined(block)


def _lines(words: Sequence[Word]) -> list[_Line]:
    lines: list[_Line] = []
    for x0, y0, x1, y1, word in words:
        last = lines[-1] if lines else None
        if last is None or not _same_line(last, (x0, y0, y1)):
            lines.append(_Line(x0, y0, x1, y1, word))
            continue
        last.text += f" {word}"
        last.right, last.top, last.bottom = max(last.right, x1), min(last.top, y0), max(last.bottom, y1)
    return lines


def _same_line(line: _Line, at: tuple[float, float, float]) -> bool:
    left, top, bottom = at
    shared = min(line.bottom, bottom) - max(line.top, top)
    return shared > 0.5 * min(line.bottom - line.top, bottom - top) and left >= line.right - 2


def _is_page_number(line: _Line, height: float) -> bool:
    return (line.bottom < EDGE * height or line.top > (1 - EDGE) * height) and bool(PAGE_NUMBER.match(line.text))


def _margins(lines: Sequence[_Line]) -> _Margins:
    """Where full lines of the paper begin and end."""
    longest = max((line.right - line.left for line in lines), default=0.0)
    full = [line for line in lines if line.right - line.left >= 0.8 * longest]
    return _Margins(min((line.left for line in full), default=0.0), max((line.right for line in full), default=0.0))


def _begins(before: _Line, line: _Line, margins: _Margins) -> bool:
    """Whether this line begins a paragraph."""
    height = line.bottom - line.top
    if line.top - before.bottom > GAP * height or line.top < before.top - height:
        return True
    ended = before.text.endswith(ENDS)
    short = before.right < margins.left + SHORT * (margins.right - margins.left)
    indented = line.left > margins.left + INDENT_PT
    marked = any(mark.match(line.text) for mark in MARKS)
    if marked and (indented or ended or short):
        return True
    was_indented = before.left > margins.left + INDENT_PT
    return (indented and (not was_indented or ended or short)) or (ended and short)


def _joined(block: Sequence[_Line]) -> str:
    return " ".join(" ".join(line.text for line in block).split())


class _Names:
    """Where in the draft we are: articles with their clauses and points, or sections."""

    def __init__(self) -> None:
        self.article = self.clause = self.section = ""

    def of(self, text: str) -> str:
        """The name of the paragraph that comes next."""
        if found := ARTICLE.match(text):
            self.article, self.clause = f"Điều {found[1]}", ""
            return self.article
        if found := PART.match(text):
            self.article = self.clause = self.section = ""
            return f"{found[1].capitalize()} {found[2]}"
        return self._within_article(text) if self.article else self._within_section(text)

    def _within_article(self, text: str) -> str:
        if found := CLAUSE.match(text):
            self.clause = f"khoản {found[1]}"
            return f"{self.clause} {self.article}"
        if found := POINT.match(text):
            return " ".join(filter(None, (f"điểm {found[1]}", self.clause, self.article)))
        return self.article

    def _within_section(self, text: str) -> str:
        if found := SECTION.match(text):
            self.section, self.clause = found[1], ""
            return f"mục {self.section}"
        if found := CLAUSE.match(text):
            self.clause = found[1]
        elif not (found := POINT.match(text)):
            return self._place(self.section, self.clause)
        else:
            return self._place(self.section, self.clause, found[1])
        return self._place(self.section, self.clause)

    @staticmethod
    def _place(*parts: str) -> str:
        return f"mục {'.'.join(filter(None, parts))}" if any(parts) else ""
