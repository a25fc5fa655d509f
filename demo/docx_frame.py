"""The frame of a document in DOCX: page, styles, header table, title, signature (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""

from __future__ import annotations

from collections.abc import Iterable

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor, Twips
from docx.text.paragraph import Paragraph as Line

from demo import docx_parts as parts
from demo.paper import Head, Sign

FONT = "Times New Roman"
HEADER_WIDTHS = (3829, 5670)
FLAT_HEADER_WIDTHS = (6066, 8504)
CENTER, LEFT, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
Words = Iterable[tuple[str, float, str]]


def set_page(section: Section, flat: bool, slides: bool) -> int:
    """Set paper and margins; gives the width of the text in twips."""
    if slides:
        wide, tall, margins = Mm(338.7), Mm(190.5), (15, 15, 20, 20)
    elif flat:
        wide, tall, margins = Twips(16838), Twips(11906), (20, 20, 20, 20)
    else:
        wide, tall, margins = Twips(11906), Twips(16838), (20, 20, 30, 15)
    section.orientation = WD_ORIENT.LANDSCAPE if flat or slides else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = wide, tall
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (Mm(one) for one in margins)
    section.header_distance = Mm(10)
    return int((section.page_width - section.left_margin - section.right_margin) / 635)


def number_pages(section: Section) -> None:
    """Page numbers in the top margin, none on the first page."""
    section.different_first_page_header_footer = True
    parts.page_number(section.header.paragraphs[0])


def set_styles(document: Document, spacing: float) -> None:
    """Body and headings in Times New Roman 14, justified, first line indented."""
    normal = document.styles["Normal"]
    _font(normal.element.get_or_add_rPr())
    normal.font.name, normal.font.size = FONT, Pt(14)
    form = normal.paragraph_format
    form.alignment, form.first_line_indent = BOTH, Twips(720)
    form.space_before, form.space_after, form.line_spacing = Pt(6), Pt(0), spacing
    for level in (1, 2, 3):
        style = document.styles[f"Heading {level}"]
        _font(style.element.get_or_add_rPr())
        style.font.name, style.font.size = FONT, Pt(14)
        style.font.bold, style.font.italic = level < 3, level == 3
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.space_before = Pt(6)
        style.paragraph_format.keep_with_next = True
        style.paragraph_format.first_line_indent = Twips(720)


def _font(properties: object) -> None:
    """Name the font for all scripts, and drop the theme fonts of the template, which would win."""
    fonts = properties.get_or_add_rFonts()  # type: ignore[attr-defined]
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{name}"), FONT)


def spaced(line: Line, before: float, after: float) -> Line:
    """Points of air before and after `line`."""
    line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(before), Pt(after)
    return line


def tight(line: Line, side: WD_ALIGN_PARAGRAPH) -> Line:
    """A line of the frame: no indent, no air, single spacing."""
    line.alignment = side
    form = line.paragraph_format
    form.first_line_indent = Twips(0)
    form.space_before = form.space_after = Pt(0)
    form.line_spacing = 1.0
    return line


def say(line: Line, words: Words, side: WD_ALIGN_PARAGRAPH, keep: bool = False) -> Line:
    """Fill a tight line with (text, size in points, style "b", "i", "bi" or "")."""
    tight(line, side)
    line.paragraph_format.keep_with_next = keep
    for number, (text, size, style) in enumerate(words):
        run = line.add_run()
        if number:
            run.add_break(WD_BREAK.LINE)
        run.add_text(text)
        run.font.size = Pt(size)
        run.bold, run.italic = "b" in style, "i" in style
    return line


def header(document: Document, head: Head, flat: bool) -> None:
    """The table of cells 1 to 4: agency, motto, number, place and date; `flat` for a landscape page."""
    widths = list(FLAT_HEADER_WIDTHS if flat else HEADER_WIDTHS)
    table = document.add_table(rows=2, cols=2)
    parts.without_borders(table, widths)
    left, right = table.rows[0].cells
    above = [(one, 13, "") for one in head.superior] + [(one, 13, "b") for one in head.agency]
    say(left.paragraphs[0], above, CENTER)
    parts.rule(left, widths[0], round(parts.text_width(head.agency[-1], 13, bold=True) * 0.42))
    motto = "Độc lập - Tự do - Hạnh phúc"
    say(right.paragraphs[0], [("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, "b"), (motto, 14, "b")], CENTER)
    parts.rule(right, widths[1], parts.text_width(motto, 14, bold=True))
    number, day = table.rows[1].cells
    below = [(f"Số: {head.number}", 13.0, ""), *((one, 12.0, "") for one in head.about)]
    say(number.paragraphs[0], below, CENTER).paragraph_format.space_before = Pt(6)
    for one, colour in ((head.draft, "000000"), (head.urgency, "C8102E")):
        if one:
            mark = spaced(say(number.add_paragraph(), [(one, 13, "b")], CENTER), 6, 2)
            parts.framed(mark.runs[0], colour)
    say(day.paragraphs[0], [(f"{head.place}, {head.date}", 14, "i")], CENTER).paragraph_format.space_before = Pt(6)


def title(document: Document, head: Head) -> None:
    """Cell 5: the kind of document, what it is about, the rule below, and to whom it goes."""
    if head.name:
        say(document.add_paragraph(), [(head.name, 14, "b")], CENTER).paragraph_format.space_before = Pt(14)
        say(document.add_paragraph(), [(one, 14, "b") for one in head.subject], CENTER)
        first = document.sections[0]
        room = int((first.page_width - first.left_margin - first.right_margin) / 635)
        length = round(parts.text_width(head.subject[-1], 14, bold=True) * 0.4)
        spaced(parts.rule(document, room, length), 0, 8)
    if len(head.to) == 1:
        say(document.add_paragraph(), [(f"Kính gửi: {head.to[0]}", 14, "")], CENTER).paragraph_format.space_before = Pt(
            12
        )
    elif head.to:
        ends = [";"] * (len(head.to) - 1) + ["."]
        lines = [("Kính gửi:", 14.0, "")] + [
            (f"- {one}{end}", 14.0, "") for one, end in zip(head.to, ends, strict=True)
        ]
        line = say(document.add_paragraph(), lines, LEFT)
        line.paragraph_format.left_indent = Mm(45)
        line.paragraph_format.space_before = Pt(12)


def signature(document: Document, sign: Sign) -> None:
    """Cells 7 and 9: the recipients on the left, the signature on the right."""
    document.add_paragraph().paragraph_format.space_before = Pt(0)
    table = document.add_table(rows=1, cols=2)
    parts.without_borders(table, [4140, 5215])
    parts.unbroken(table.rows[0])
    left, right = table.rows[0].cells
    if sign.recipients:
        lines = [("Nơi nhận:", 12.0, "bi")] + [(f"- {one}", 11.0, "") for one in sign.recipients]
        say(left.paragraphs[0], lines, LEFT)
    say(right.paragraphs[0], [(one, 14, "b") for one in sign.power], CENTER)
    say(right.add_paragraph(), [(sign.name, 14, "b")], CENTER).paragraph_format.space_before = Pt(70)
