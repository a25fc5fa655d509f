"""Builds `bien_ban.docx`, the template of Mẫu 1.9, from the measures of Decree 30/2020/NĐ-CP.

Run it after changing a measure: `python -m server.records.forms.build_template`. A records clerk may also
edit the .docx in Word: the words in double braces are filled in, everything else stays as it is.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, Twips

TEMPLATE = Path(__file__).with_name("bien_ban.docx")
FONT = "Times New Roman"
HEADER_COLUMNS = (3829, 5670)
"""Twips: 67.5 and 100 mm, wider than the text, as in the decree's own form."""
SIGNATURE_COLUMNS = (3402, 425, 5528)
"""Twips: 60, 7.5 and 97.5 mm."""
CELL_MARGIN = 85
MOTTO_RULE = 3423
"""Twips: "Độc lập - Tự do - Hạnh phúc" in 14 pt bold; the rule below is exactly as long."""
SIGNING_HEIGHT = 1500
"""Twips: the room for two signatures and a seal."""

NAMED_STYLES: dict[str, dict[str, Any]] = {
    "Biên bản": {"size": 14, "align": "both", "indent": 567, "before": 6},
    "Biên bản - mục": {"size": 14, "align": "both", "indent": 567, "before": 6, "keep": True},
    "Biên bản - dòng cuối": {"size": 14, "align": "both", "indent": 567, "before": 6, "keep": True},
    "Quốc hiệu": {"size": 13, "align": "center", "bold": True},
    "Tiêu ngữ": {"size": 14, "align": "center", "bold": True},
    "Cơ quan chủ quản": {"size": 13, "align": "center"},
    "Cơ quan ban hành": {"size": 13, "align": "center", "bold": True},
    "Số, ký hiệu": {"size": 13, "align": "center", "before": 6},
    "Gạch dưới": {"size": 2, "align": "center"},
    "Tên loại": {"size": 14, "align": "center", "bold": True},
    "Người ký": {"size": 14, "align": "center", "bold": True, "keep": True},
    "Nơi nhận": {"size": 12, "align": "left", "bold": True, "italic": True, "before": 6, "keep": True},
    "Nơi nhận - dòng": {"size": 11, "align": "left"},
    "Số trang": {"size": 14, "align": "center"},
}
ALIGN = {
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "left": WD_ALIGN_PARAGRAPH.LEFT,
}


def bare() -> Any:
    """A document with the decree's page, its styles and its page numbers, and nothing on it yet."""
    document = Document()
    _page(document)
    _base_style(document)
    _modern(document)
    for name, measures in NAMED_STYLES.items():
        _style(document, name, measures)
    _page_number(document)
    return document


def build() -> Any:
    """The template as a python-docx document."""
    document = bare()
    _letterhead(document)
    _titles(document)
    _body(document)
    _signatures(document)
    properties = document.core_properties
    properties.author, properties.title, properties.language = "", "Biên bản (Mẫu 1.9)", "vi-VN"
    properties.comments = ""
    return document


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Twips(11906), Twips(16838)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True


def _base_style(document: Any) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for properties in (style.element.rPr, defaults):
        fonts = properties.find(qn("w:rFonts"))
        fonts.attrib.clear()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), FONT)
    language = defaults.find(qn("w:lang"))
    for script in ("w:val", "w:eastAsia"):
        language.set(qn(script), "vi-VN")
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.line_spacing = 1.0
    style.paragraph_format.widow_control = True


def _modern(document: Any) -> None:
    """Word 2013's layout rules (compatibility mode 15): Word does not call the file old."""
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")


def _style(document: Any, name: str, measures: dict[str, Any]) -> None:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.element.set(qn("w:styleId"), _ascii(name))
    style.base_style = document.styles["Normal"]
    style.font.size = Pt(measures["size"])
    style.font.bold, style.font.italic = measures.get("bold", False), measures.get("italic", False)
    shape = style.paragraph_format
    shape.alignment = ALIGN[measures["align"]]
    shape.space_before = Pt(measures.get("before", 0))
    shape.first_line_indent = Twips(measures.get("indent", 0))
    if measures.get("keep"):
        shape.keep_with_next = True


def _ascii(name: str) -> str:
    """Style ids without marks: some programs lose others."""
    marked = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(letter for letter in marked if letter.isascii())
    return "".join(letter for letter in bare.title() if letter.isalnum())


def _page_number(document: Any) -> None:
    """Arabic, centred in the top margin; the first page's header stays empty."""
    header = document.sections[0].header
    paragraph = header.paragraphs[0]
    paragraph.style = document.styles["Số trang"]
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("result", "2"), ("end", "")):
        if kind in {"begin", "separate", "end"}:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:t" if kind else "w:instrText")
            part.text = text
        run._r.append(part)


def _letterhead(document: Any) -> None:
    head = table(document, HEADER_COLUMNS, CELL_MARGIN)
    head.alignment = 1
    left, right = head.rows[0].cells
    line(left, "{%p if superior %}", "Cơ quan chủ quản", first=True)
    line(left, "{{ superior }}", "Cơ quan chủ quản")
    line(left, "{%p endif %}", "Cơ quan chủ quản")
    line(left, "{{ agency }}", "Cơ quan ban hành")
    rule(line(left, "", "Gạch dưới"), HEADER_COLUMNS[0] - 2 * CELL_MARGIN, 1200)
    line(left, "{{ number }}", "Số, ký hiệu")
    motto(right, HEADER_COLUMNS[1])


def motto(cell: Any, width: int) -> None:
    """The country's name and motto with the rule below them, in a cell `width` twips wide."""
    line(cell, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Quốc hiệu", first=True)
    line(cell, "Độc lập - Tự do - Hạnh phúc", "Tiêu ngữ")
    rule(line(cell, "", "Gạch dưới"), width - 2 * CELL_MARGIN, MOTTO_RULE)


def _titles(document: Any) -> None:
    heading = document.add_paragraph("BIÊN BẢN", style="Tên loại")
    heading.paragraph_format.space_before = Pt(14)
    title = document.add_paragraph("{{ title }}", style="Tên loại")
    title.paragraph_format.space_after = Pt(8)


def _body(document: Any) -> None:
    for text, style in (
        ("{%p for block in blocks %}", "Biên bản"),
        ("{%p if block.heading %}", "Biên bản"),
        ("{{r block.text }}", "Biên bản - mục"),
        ("{%p elif block.last %}", "Biên bản"),
        ("{{r block.text }}", "Biên bản - dòng cuối"),
        ("{%p else %}", "Biên bản"),
        ("{{r block.text }}", "Biên bản"),
        ("{%p endif %}", "Biên bản"),
        ("{%p endfor %}", "Biên bản"),
    ):
        document.add_paragraph(text, style=style)
    gap = document.add_paragraph("", style="Gạch dưới")
    gap.paragraph_format.space_before, gap.paragraph_format.keep_with_next = Pt(10), True


def _signatures(document: Any) -> None:
    """THƯ KÝ and CHỦ TỌA side by side; "Nơi nhận" is a row of its own under THƯ KÝ, only in this form."""
    heads, room, names, copies = table(document, SIGNATURE_COLUMNS, 0, rows=4).rows
    line(heads.cells[0], "THƯ KÝ", "Người ký", first=True)
    line(heads.cells[2], "CHỦ TỌA", "Người ký", first=True)
    for text in ("{%p if chair_position %}", "{{ chair_position }}", "{%p endif %}"):
        line(heads.cells[2], text, "Người ký")
    room.height = Twips(SIGNING_HEIGHT)
    for cell in (*room.cells, heads.cells[1], names.cells[1]):
        cell.paragraphs[0].style = document.styles["Người ký"]
    line(names.cells[0], "{{ secretary }}", "Người ký", first=True)
    line(names.cells[2], "{{ chair }}", "Người ký", first=True)
    line(copies.cells[0], "Nơi nhận:", "Nơi nhận", first=True)
    for text in ("{%p for copy in recipients %}", "- {{ copy }};", "{%p endfor %}", "- Lưu: VT, Hồ sơ."):
        line(copies.cells[0], text, "Nơi nhận - dòng")


def table(document: Any, columns: tuple[int, ...], margin: int, rows: int = 1) -> Any:
    """An invisible table of columns so many twips wide."""
    made = document.add_table(rows=rows, cols=len(columns))
    made.autofit = False
    properties = made._tbl.tblPr
    width = properties.find(qn("w:tblW"))
    width.set(qn("w:type"), "dxa")
    width.set(qn("w:w"), str(sum(columns)))
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        part = OxmlElement(f"w:{side}")
        part.set(qn("w:w"), str(margin))
        part.set(qn("w:type"), "dxa")
        margins.append(part)
    properties.append(margins)
    for row in made.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, column in zip(row.cells, columns, strict=True):
            cell.width = Twips(column)
    for grid, column in zip(made.columns, columns, strict=True):
        grid.width = Twips(column)
    return made


def line(cell: Any, text: str, style: str, first: bool = False) -> Any:
    """One more paragraph in a cell, or its first one."""
    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    paragraph.style = cell.part.document.styles[style]
    paragraph.add_run(text)
    return paragraph


def rule(paragraph: Any, width: int, length: int) -> None:
    """A rule drawn as a border, `length` twips long and centred in `width`; never dashes or underscores."""
    side = (width - length) // 2
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Twips(side)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


if __name__ == "__main__":
    build().save(str(Path(sys.argv[1]) if len(sys.argv) > 1 else TEMPLATE))
