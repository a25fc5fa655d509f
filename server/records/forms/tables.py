"""Ruled tables in DOCX: columns of given widths, a head that stands on every page, rows that are never broken."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

import msgspec
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, Twips


class Form(msgspec.Struct, frozen=True):
    """Widths in twips, the words of the head, and which columns are centred."""

    columns: tuple[int, ...]
    heads: tuple[str, ...]
    centred: tuple[int, ...] = (0,)
    style: str = "Nơi nhận - dòng"
    size: int = 13


def ruled(document: Any, form: Form) -> Any:
    """An empty table with its head."""
    table = document.add_table(rows=1, cols=len(form.columns))
    table.autofit = False
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)
    for grid, width in zip(table.columns, form.columns, strict=True):
        grid.width = Twips(width)
    head = table.rows[0]
    fill(head, form, form.heads, bold=True, centred=range(len(form.heads)))
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    return table


def fill(
    row: Any, form: Form, texts: Sequence[str], bold: bool = False, centred: Container[int] | None = None
) -> list[Any]:
    """Write the texts into the row's cells, a line a paragraph; answers with the cells."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    cells = list(row.cells)
    middle = form.centred if centred is None else centred
    for index, (cell, text, width) in enumerate(zip(cells, texts, form.columns, strict=True)):
        cell.width = Twips(width)
        for number, line in enumerate(text.split("\n")):
            paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
            shaped(cell, paragraph, form).alignment = (
                WD_ALIGN_PARAGRAPH.CENTER if index in middle else WD_ALIGN_PARAGRAPH.LEFT
            )
            if line:  # an empty cell stays one that a merge leaves out
                run = paragraph.add_run(line)
                run.bold, run.font.size = bold, Pt(form.size)
    return cells


def shaped(cell: Any, paragraph: Any, form: Form) -> Any:
    """The paragraph in the table's own style."""
    paragraph.style = cell.part.document.styles[form.style]
    return paragraph


def heading(table: Any, form: Form, text: str) -> None:
    """A bold row over all columns, kept with the one below it."""
    row = table.add_row()
    fill(row, form, (text, *("" for _ in form.columns[1:])), bold=True, centred=())
    merged = row.cells[0].merge(row.cells[-1])
    merged.paragraphs[0].paragraph_format.keep_with_next = True
