"""Small pieces of WordprocessingML that python-docx does not offer: rules, fields, footnotes, repeated heads."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, Twips
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from PIL import ImageFont

FONTS = Path(__file__).parent.parent / "server" / "fonts"
TWIPS_PER_POINT = 20


def element(name: str, **attributes: str) -> OxmlElement:
    """An element of the `w:` namespace with attributes of the same."""
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def framed(run: Run, colour: str) -> None:
    """Draw a frame around `run` and write it in the same colour."""
    properties = run._r.get_or_add_rPr()
    properties.append(element("color", val=colour))
    properties.append(element("bdr", val="single", sz="8", space="4", color=colour))


def rule(place: _Cell | Document, room: int, length: int) -> Paragraph:
    """A drawn rule in the middle of a cell or page of `room` twips: the lower border of an empty line, `length` twips long."""
    line = place.add_paragraph()
    side = max(0, (room - length) // 2)
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = Twips(side)
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(0)
    line.paragraph_format.line_spacing = Pt(4)
    borders = element("pBdr")
    borders.append(element("bottom", val="single", sz="6", space="0", color="000000"))
    line._p.get_or_add_pPr().append(borders)
    return line


def text_width(text: str, points: float, bold: bool = False) -> int:
    """How wide `text` is in twips, set in Times New Roman (measured in the metric-compatible Liberation Serif)."""
    return round(_font(bold).getlength(text) / 100 * points * TWIPS_PER_POINT)


@cache
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"LiberationSerif-{'Bold' if bold else 'Regular'}.ttf"), 100)


def page_number(paragraph: Paragraph) -> None:
    """The number of the page, 13 points, in the middle."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.first_line_indent = Twips(0)
    paragraph.paragraph_format.space_before = Pt(0)
    for kind, words in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        run.font.size = Pt(13)
        if kind:
            run._r.append(element("fldChar", fldCharType=kind))
        else:
            code = element("instrText")
            code.text = words
            run._r.append(code)


def without_borders(table: Table, widths: list[int]) -> None:
    """Fix the columns of a table at `widths` twips, centred, without lines."""
    _fixed(table, widths)
    borders = element("tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(element(side, val="nil"))
    table._tbl.tblPr.append(borders)
    _margins(table, 0)


def with_borders(table: Table, widths: list[int]) -> None:
    """Fix the columns of a table at `widths` twips, with thin black lines."""
    _fixed(table, widths)
    borders = element("tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(element(side, val="single", sz="4", space="0", color="000000"))
    table._tbl.tblPr.append(borders)
    _margins(table, 60)


def _margins(table: Table, twips: int) -> None:
    margins = element("tblCellMar")
    for side in ("left", "right"):
        margins.append(element(side, w=str(twips), type="dxa"))
    table._tbl.tblPr.append(margins)


def _fixed(table: Table, widths: list[int]) -> None:
    table.autofit = False
    table._tbl.tblPr.append(element("jc", val="center"))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Twips(width)
        for cell in column.cells:
            cell.width = Twips(width)


def repeated(row: _Row) -> None:
    """Show this row again at the top of every page the table runs over."""
    row._tr.get_or_add_trPr().append(element("tblHeader"))


def unbroken(row: _Row) -> None:
    """Keep this row on one page."""
    row._tr.get_or_add_trPr().append(element("cantSplit"))


class Footnotes:
    """Collects footnotes and writes their part into the package at the end."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def hang(self, run: Run, note: str) -> None:
        """Put a reference behind `run`."""
        self.notes.append(note)
        mark = OxmlElement("w:r")
        properties = element("rPr")
        properties.append(element("vertAlign", val="superscript"))
        mark.append(properties)
        mark.append(element("footnoteReference", id=str(len(self.notes))))
        run._r.addnext(mark)

    def write(self, document: Document) -> None:
        """Add the part with all notes; without notes nothing is added."""
        if not self.notes:
            return
        notes = "".join(_note(number, text) for number, text in enumerate(self.notes, 1))
        blob = f'<?xml version="1.0" encoding="UTF-8"?><w:footnotes {nsdecls("w")}>{_SEPARATORS}{notes}</w:footnotes>'
        package = document.part.package
        part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob.encode(), package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


_SEPARATORS = (
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
)


def _note(number: int, text: str) -> str:
    size = '<w:sz w:val="22"/>'
    return (
        f'<w:footnote w:id="{number}"><w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
        '<w:ind w:firstLine="0"/><w:jc w:val="both"/></w:pPr>'
        f'<w:r><w:rPr>{size}<w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
        f'<w:r><w:rPr>{size}</w:rPr><w:t xml:space="preserve"> {escape(text)}</w:t></w:r></w:p></w:footnote>'
    )
