"""Minutes as DOCX and PDF on Mẫu 1.9 of Decree 30/2020/NĐ-CP.

DOCX names Times New Roman; the PDF embeds Liberation Serif, which has the same metrics, because Times New
Roman may not be passed on. Both are filled from the same `Sheet`.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from docx.shared import Twips
from docxtpl import DocxTemplate, RichText
from PIL import ImageFont

from server.records.blocks import Block
from server.records.forms import phu_luc
from server.records.forms.build_template import CELL_MARGIN, HEADER_COLUMNS, TEMPLATE
from server.records.forms.glyphs import drawable
from server.records.forms.sheet import Sheet
from server.records.forms.typesetter import BOLD, REGULAR, typeset
from server.records.wording import tidy

TYPST = Path(__file__).with_name("bien_ban.typ")


def docx(sheet: Sheet) -> bytes:
    """The minutes as a DOCX that Word and LibreOffice open alike."""
    template = DocxTemplate(str(TEMPLATE))
    last = len(sheet.blocks) - 1
    template.render(
        {
            "superior": sheet.superior,
            "agency": sheet.agency,
            "number": sheet.number,
            "title": sheet.title,
            "blocks": [_paragraph(block, index == last) for index, block in enumerate(sheet.blocks)],
            "secretary": sheet.secretary,
            "chair": sheet.chair,
            "chair_position": sheet.chair_position,
            "recipients": list(sheet.recipients),
        },
        autoescape=True,
    )
    document = template.docx
    _rule_under_agency(document, sheet.agency)
    if sheet.annex is not None:
        phu_luc.append(document, sheet.annex, sheet.number)
    document.core_properties.title = f"Biên bản {tidy(sheet.title)}"[:250]
    written = io.BytesIO()
    template.save(written)
    return written.getvalue()


def pdf(sheet: Sheet, made_at: int) -> bytes:
    """The minutes as PDF/A-2b. `made_at` (milliseconds) is written into the file; the rest is the sheet alone."""
    return typeset(TYPST, msgspec.json.decode(drawable(msgspec.json.encode(sheet).decode(), REGULAR)), made_at)


def _paragraph(block: Block, last: bool) -> dict[str, Any]:
    text = RichText()
    if block.marker:
        text.add(f"{block.marker} ")
    for run in block.runs:
        text.add(run.text, bold=run.bold or bool(block.level), italic=run.italic, underline=run.underline)
    return {"text": text, "heading": block.leads and not last, "last": last}


def _rule_under_agency(document: Any, agency: str) -> None:
    """A third to a half of the name's line (Annex I, II.2), so it follows the name's length."""
    inner = HEADER_COLUMNS[0] - 2 * CELL_MARGIN
    line = min(inner, text_width(agency, 13))
    side = (inner - round(line * 0.42)) // 2
    for paragraph in document.tables[0].rows[0].cells[0].paragraphs:
        if paragraph.style.name == "Gạch dưới":
            paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Twips(side)


def text_width(text: str, points: int) -> int:
    """The width in twips of bold text set in one line."""
    return round(_bold_face(points * 100).getlength(text) / 100 * 20)


@cache
def _bold_face(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(BOLD), size)
