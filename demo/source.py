"""Reads the source of a paper: a small Markdown dialect made for administrative documents.

The front matter between two lines `+++` is TOML (`demo.paper.About`). After it every line is a block:

    # I. Heading           also ## and ###; numbers are written out, as offices do
    Text of a paragraph    with **bold**, *italic* and a footnote^[like this]
    -> Text                a centred paragraph
    ::: sign               the recipients and the signature
    ::: annex I | TITLE | Báo cáo của Sở Tài chính | landscape
    ::: slide Title        also `::: cover Title`, `::: section Title`
    ::: fact 8,62% | tăng trưởng GRDP

A table or chart runs to the next line `:::`. Head rows stand above the line of dashes, which also aligns (`:-:`, `--:`);
in the head `<` joins a cell to its left and `^` to the one above. `|* ` opens a group and `|= ` a sum, in which `=` adds up
the column (after a group: of this group; with `|== `: of all rows) and `=3/2` is column 3 in percent of column 2.
`@ file | key | columns` takes rows from a data file, grouped by `key`, with the sums (`#` counts, `a/b` is percent).

    ::: table Bảng 1. Caption | Đơn vị tính: tỷ đồng | 1 4 2 2
    | STT | Chỉ tiêu | Kế hoạch | Ước thực hiện |
    |:-:|---|--:|--:|
    | 1 | Thu nội địa | 21.000 | 22.340 |
    |= | Tổng số | = | = |
    :::
    ::: chart bar | Biểu đồ 1. Caption | % | Nguồn: Thống kê tỉnh
    | | 2024 | 2025 |
    | Công nghiệp | 9,1 | 9,8 |
    :::
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from demo.figures import filled, read
from demo.paper import (
    About,
    Annex,
    Block,
    Chart,
    Fact,
    Heading,
    Paper,
    Paragraph,
    Run,
    Runs,
    Series,
    Signature,
    Slide,
)
from demo.tables import table

STYLE = re.compile(r"(\*\*.+?\*\*|\*.+?\*|\^\[.+?\])")


def read_paper(path: Path) -> Paper:
    """Read one source.

    Raises `ValueError` (also `msgspec.ValidationError`, a `ValueError`) when it cannot be understood.
    """
    text = path.read_text(encoding="utf-8")
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError(f"{path.name}: text is not in Unicode form NFC")
    _, front, body = text.split("+++\n", 2)
    about = msgspec.toml.decode(front, type=About)
    if about.id != path.stem:
        raise ValueError(f"{path.name}: the id is {about.id}")
    try:
        return Paper(about=about, blocks=tuple(_blocks(iter(filled(body).splitlines()))))
    except (ValueError, LookupError) as wrong:
        raise ValueError(f"{path.name}: {wrong}") from wrong


def _blocks(lines: Iterator[str]) -> Iterator[Block]:
    for line in lines:
        if line.startswith("::: "):
            yield _special(line[4:], lines)
        elif line.startswith("#"):
            marks, text = line.split(" ", 1)
            yield Heading(level=len(marks), runs=runs(text))
        elif line.startswith("-> "):
            yield Paragraph(runs=runs(line[3:]), place="center")
        elif line.strip():
            yield Paragraph(runs=runs(line.strip()))


def _special(line: str, lines: Iterator[str]) -> Block:
    word, _, rest = line.partition(" ")
    parts = [part.strip() for part in rest.split("|")]
    made: Block
    match word:
        case "sign":
            made = Signature()
        case "annex":
            label, title, of, *more = parts
            made = Annex(label=label, title=title, of=of, landscape="landscape" in more)
        case "slide":
            made = Slide(title=rest)
        case "cover" | "section":
            made = Slide(title=rest, kind=word)
        case "fact":
            made = Fact(value=parts[0], label=parts[1])
        case "table":
            made = table(parts, _until_end(lines), runs)
        case "chart":
            made = _chart(parts, _until_end(lines))
        case _:
            raise ValueError(f"no such block: {line}")
    return made


def _until_end(lines: Iterator[str]) -> list[str]:
    inside: list[str] = []
    for line in lines:
        if line.strip() == ":::":
            return inside
        if line.strip():
            inside.append(line)
    raise ValueError("a block is not closed with :::")


def _chart(parts: list[str], lines: list[str]) -> Chart:
    kind: Literal["bar", "line", "share"] = msgspec.convert(parts[0], Literal["bar", "line", "share"])
    grid = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    series = [Series(name=row[0], values=tuple(_number(cell) for cell in row[1:])) for row in grid[1:]]
    if any(len(one.values) != len(grid[0]) - 1 for one in series):
        raise ValueError(f"{parts[1]}: a row of the chart has holes")
    source = parts[3] if len(parts) > 3 else ""
    return Chart(
        kind=kind, caption=parts[1], unit=parts[2], labels=tuple(grid[0][1:]), series=tuple(series), source=source
    )


def _number(text: str) -> float:
    number = read(text)
    if number is None:
        raise ValueError(f"not a number: {text}")
    return float(number)


def runs(text: str) -> Runs:
    """Split a line into pieces of one style; a footnote hangs on the piece before it."""
    pieces: list[Run] = []
    for part in STYLE.split(text):
        if part.startswith("^[") and pieces:
            pieces[-1] = msgspec.structs.replace(pieces[-1], note=part[2:-1])
        elif part.startswith("**"):
            pieces.append(Run(text=part[2:-2], bold=True))
        elif part.startswith("*") and len(part) > 2:
            pieces.append(Run(text=part[1:-1], italic=True))
        elif part:
            pieces.append(Run(text=part))
    return tuple(pieces)
