"""The annex of the minutes in DOCX: a section of its own behind the signatures, its pages numbered anew.

Decree 30/2020/NĐ-CP, Annex I, III: the word "Phụ lục" and its title centred and bold, below them in italics what it
belongs to; each annex counts its own pages.
"""

from __future__ import annotations

from typing import Any

from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, Twips

from server.records.course import Annex

COLUMNS = (850, 2665, 3459, 2381)
"""Twips: 15, 47, 61 and 42 mm, the whole width of the text."""
HEADS = ("STT", "Họ và tên", "Chức vụ, đơn vị", "Ghi chú")


def append(document: Any, annex: Annex, number: str) -> None:
    """Put the annex behind everything else; `number` is the line of the minutes' own number and symbol."""
    _new_section(document)
    for text, bold in (("Phụ lục", True), (annex.title.upper(), True), (belongs_to(number), False)):
        paragraph = document.add_paragraph(style="Tên loại")
        run = paragraph.add_run(text)
        run.bold, run.italic = bold, not bold
    paragraph.paragraph_format.space_after = Pt(8)
    table = document.add_table(rows=1, cols=len(COLUMNS))
    _draw_borders(table)
    _fill(table.rows[0], HEADS, bold=True, centred=range(len(HEADS)))
    _repeat_on_every_page(table.rows[0])
    for part in annex.parts:
        title = table.add_row()
        _fill(title, (part.title, "", "", ""), bold=True, centred=())
        title.cells[0].merge(title.cells[-1]).paragraphs[0].paragraph_format.keep_with_next = True
        for index, one in enumerate(part.people, 1):
            _fill(table.add_row(), (str(index), one.name, one.office, one.note), bold=False, centred=(0,))


def belongs_to(number: str) -> str:
    """ "(Kèm theo Biên bản số: 12/BB-UBND)"."""
    return f"(Kèm theo Biên bản {number[:1].lower()}{number[1:]})"


def _new_section(document: Any) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    # The paragraph that ends the section before lies behind the signatures: it must not need a page of its own.
    document.paragraphs[-1].style = document.styles["Gạch dưới"]
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    section._sectPr.insert_element_before(start, "w:cols", "w:titlePg", "w:docGrid")


def _fill(row: Any, texts: tuple[str, ...], bold: bool, centred: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for index, (cell, text, width) in enumerate(zip(row.cells, texts, COLUMNS, strict=True)):
        cell.width = Twips(width)
        paragraph = cell.paragraphs[0]
        paragraph.style = cell.part.document.styles["Nơi nhận - dòng"]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if index in centred else WD_ALIGN_PARAGRAPH.LEFT
        run = paragraph.add_run(text)
        run.bold, run.font.size = bold, Pt(13)


def _draw_borders(table: Any) -> None:
    table.autofit = False
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)
    for grid, width in zip(table.columns, COLUMNS, strict=True):
        grid.width = Twips(width)


def _repeat_on_every_page(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
