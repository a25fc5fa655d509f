"""The annex of the minutes in DOCX: a section of its own behind the signatures, its pages numbered anew.

Decree 30/2020/NĐ-CP, Annex I, III: the word "Phụ lục" and its title centred and bold, below them in italics what it
belongs to; each annex counts its own pages.
"""

from __future__ import annotations

from typing import Any

from docx.enum.section import WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from server.records.attending import Annex
from server.records.forms.tables import Form, fill, heading, ruled

FORM = Form((850, 2665, 3459, 2381), ("STT", "Họ và tên", "Chức vụ, đơn vị", "Ghi chú"))
"""15, 47, 61 and 42 mm, the whole width of the text."""


def append(document: Any, annex: Annex, number: str) -> None:
    """Put the annex behind everything else; `number` is the line of the minutes' own number and symbol."""
    _new_section(document)
    for text, bold in (("Phụ lục", True), (annex.title.upper(), True), (belongs_to(number), False)):
        paragraph = document.add_paragraph(style="Tên loại")
        run = paragraph.add_run(text)
        run.bold, run.italic = bold, not bold
    paragraph.paragraph_format.space_after = Pt(8)
    table = ruled(document, FORM)
    for part in annex.parts:
        heading(table, FORM, part.title)
        for index, one in enumerate(part.people, 1):
            fill(table.add_row(), FORM, (str(index), one.name, one.office, one.note))


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
