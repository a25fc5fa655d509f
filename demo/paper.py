"""What a paper is made of once its source is read: a legal frame and a row of blocks.

Everything is plain and frozen; the two builders (`demo.build_pdf`, `demo.build_docx`) draw the same blocks.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Align = Literal["left", "center", "right"]


class Plain(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Frozen, and an unknown key is an error."""


class Run(Plain):
    """A piece of text of one style; `note` is the text of a footnote that hangs on its end."""

    text: str
    bold: bool = False
    italic: bool = False
    note: str = ""


Runs = tuple[Run, ...]


class Heading(Plain, tag="heading"):
    """A numbered heading, its number written out as offices do; level 1 to 3."""

    level: int
    runs: Runs


class Paragraph(Plain, tag="paragraph"):
    """A paragraph; `place` "center" is used for the clauses in the middle of a line."""

    runs: Runs
    place: Literal["body", "center"] = "body"


class Cell(Plain):
    """A cell of a table; `across` and `down` count the columns and rows it covers."""

    runs: Runs
    across: int = 1
    down: int = 1


class Row(Plain):
    """A row of a table: plain, the title of a group, or a sum of what stands above it."""

    kind: Literal["plain", "group", "sum"]
    cells: tuple[Cell, ...]


class Table(Plain, tag="table"):
    """A table whose head is repeated on every page; `widths` are relative, `size` is in points."""

    caption: str
    unit: str
    head: tuple[Row, ...]
    rows: tuple[Row, ...]
    aligns: tuple[Align, ...]
    widths: tuple[float, ...]
    size: float = 12


class Series(Plain):
    """One row of numbers of a chart."""

    name: str
    values: tuple[float, ...]


class Chart(Plain, tag="chart"):
    """A chart drawn from its data: grouped bars, lines, or shares of a hundred."""

    kind: Literal["bar", "line", "share"]
    caption: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    source: str = ""


class Annex(Plain, tag="annex"):
    """From here on an annex with pages of its own; `of` is the document it belongs to, number left open."""

    label: str
    title: str
    of: str = ""
    landscape: bool = False


class Signature(Plain, tag="signature"):
    """Here the recipients and the signature of the frame are set."""


class Slide(Plain, tag="slide"):
    """From here on a new slide with this title; `kind` "cover" and "section" are set large."""

    title: str
    kind: Literal["plain", "cover", "section"] = "plain"


class Fact(Plain, tag="fact"):
    """A number in large figures with what it counts (slides only); facts in a row stand beside each other."""

    value: str
    label: str


Block = Heading | Paragraph | Table | Chart | Annex | Signature | Slide | Fact


class Head(Plain):
    """The frame above the text (Nghị định 30/2020/NĐ-CP, Phụ lục I): cells 1 to 5 of the decree's diagram."""

    agency: tuple[str, ...]
    place: str
    date: str
    number: str
    superior: tuple[str, ...] = ()
    name: str = ""
    subject: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    urgency: str = ""
    draft: str = ""
    to: tuple[str, ...] = ()


class Sign(Plain):
    """Who signs, and who receives (cells 7 and 9); `draft` papers are not signed."""

    power: tuple[str, ...]
    name: str
    recipients: tuple[str, ...] = ()


class About(Plain):
    """The front matter of a source: how the paper is listed, and its legal frame."""

    id: str
    kind: str
    title: str
    short: str
    form: Literal["document", "slides", "scan"] = "document"
    landscape: bool = False
    spacing: float = 1.15
    head: Head | None = None
    sign: Sign | None = None


class Paper(Plain):
    """A whole paper, ready for a builder."""

    about: About
    blocks: tuple[Block, ...]
