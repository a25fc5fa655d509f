"""Papers to DOCX in the form of Nghị định 30/2020/NĐ-CP, Phụ lục I: what an office would send.

Times New Roman 14, margins 20/20/30/15 mm, header table 67.5 | 100 mm, drawn rules, page number in the top margin
and not on the first page, annexes in sections of their own. Charts are pictures, as offices paste them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor, Twips
from docx.table import _Cell
from docx.text.paragraph import Paragraph as Line

from demo import docx_parts as parts
from demo.build_pdf import picture
from demo.paper import Annex, Block, Chart, Fact, Head, Heading, Paper, Paragraph, Runs, Sign, Signature, Slide, Table

FONT = "Times New Roman"
SMALL_TABLE_ROWS = 12
HEADER_WIDTHS = (3829, 5670)
FLAT_HEADER_WIDTHS = (6066, 8504)
CENTER, LEFT, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
SIDES = {"left": LEFT, "center": CENTER, "right": RIGHT}
Words = Iterable[tuple[str, float, str]]


def build_docx(paper: Paper) -> bytes:
    """Write `paper` as DOCX."""
    return _Writer(paper).written()


class _Writer:
    """One document being written, block after block."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.document: Document = docx.Document()
        self.notes = parts.Footnotes()
        self.slides = paper.about.form == "slides"
        self.room = _page(self.document.sections[0], paper.about.landscape, self.slides)
        _styles(self.document, paper.about.spacing)
        _number(self.document.sections[0])

    def written(self) -> bytes:
        about = self.paper.about
        self.document.core_properties.title = about.title
        self.document.core_properties.author = " ".join(about.head.agency) if about.head else ""
        if about.head is not None and not self.slides:
            _header(self.document, about.head, about.landscape)
            _title(self.document, about.head)
        for block in self.paper.blocks:
            self._block(block)
        self.notes.write(self.document)
        held = io.BytesIO()
        self.document.save(held)
        return held.getvalue()

    def _block(self, block: Block) -> None:
        match block:
            case Heading():
                self._runs(self.document.add_paragraph(style=f"Heading {block.level}"), block.runs)
            case Paragraph():
                self._paragraph(block)
            case Table():
                self._table(block)
            case Chart():
                self._chart(block)
            case Annex():
                self._annex(block)
            case Signature():
                if self.paper.about.sign is not None:
                    _signature(self.document, self.paper.about.sign)
            case Slide():
                self._slide(block)
            case Fact():
                _say(self.document.add_paragraph(), [(f"{block.value}  {block.label}", 20, "b")], LEFT)

    def _paragraph(self, block: Paragraph) -> None:
        line = self.document.add_paragraph()
        if block.place == "center" or self.slides:
            line.alignment = CENTER if block.place == "center" else LEFT
            line.paragraph_format.first_line_indent = Twips(0)
        elif any("...." in run.text for run in block.runs):
            line.alignment = LEFT
        self._runs(line, block.runs)

    def _runs(self, line: Line, runs: Runs, size: float | None = None, bold: bool = False) -> None:
        for piece in runs:
            run = line.add_run(piece.text)
            if piece.bold or bold:
                run.bold = True
            if piece.italic:
                run.italic = True
            if size is not None:
                run.font.size = Pt(size)
            if piece.note:
                self.notes.hang(run, piece.note)

    def _table(self, block: Table) -> None:
        if block.caption:
            _spaced(_say(self.document.add_paragraph(), [(block.caption, 13, "b")], CENTER, keep=True), 8, 2)
        if block.unit:
            _spaced(_say(self.document.add_paragraph(), [(block.unit, 12, "i")], RIGHT, keep=True), 0, 2)
        scale = self.room / sum(block.widths)
        widths = [int(width * scale) for width in block.widths]
        table = self.document.add_table(rows=len(block.head) + len(block.rows), cols=len(widths))
        parts.with_borders(table, widths)
        grid = [list(row.cells) for row in table.rows]
        self._head(block, grid)
        for y, row in enumerate(block.rows, len(block.head)):
            if len(row.cells) == 1 and len(widths) > 1:
                grid[y][0].merge(grid[y][-1])
            for x, cell in enumerate(row.cells):
                side = LEFT if len(row.cells) == 1 else SIDES[block.aligns[x]]
                self._cell(grid[y][x], cell.runs, side, block.size, row.kind != "plain")
        for y, row in enumerate(table.rows):
            parts.unbroken(row)
            if y < len(block.head):
                parts.repeated(row)
        _together(block, grid)
        _spaced(_say(self.document.add_paragraph(), [], LEFT), 0, 0)

    def _head(self, block: Table, grid: list[list[_Cell]]) -> None:
        taken: set[tuple[int, int]] = set()
        for y, row in enumerate(block.head):
            x = 0
            for cell in row.cells:
                while (y, x) in taken:
                    x += 1
                taken |= {(y + down, x + across) for down in range(cell.down) for across in range(cell.across)}
                if cell.down > 1 or cell.across > 1:
                    grid[y][x].merge(grid[y + cell.down - 1][x + cell.across - 1])
                self._cell(grid[y][x], cell.runs, CENTER, block.size, bold=True)

    def _cell(self, cell: _Cell, runs: Runs, side: WD_ALIGN_PARAGRAPH, size: float, bold: bool) -> None:
        cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        line = cell.paragraphs[0]
        _tight(line, side)
        line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(2)
        self._runs(line, runs, size, bold)

    def _chart(self, block: Chart) -> None:
        line = self.document.add_paragraph()
        _spaced(_tight(line, CENTER), 8, 2)
        line.paragraph_format.keep_with_next = True
        line.add_run().add_picture(io.BytesIO(picture(block)), width=Mm(158))
        _say(self.document.add_paragraph(), [(block.caption, 13, "b")], CENTER, keep=bool(block.source))
        if block.source:
            _say(self.document.add_paragraph(), [(block.source, 11, "i")], CENTER)

    def _annex(self, block: Annex) -> None:
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        self.room = _page(section, block.landscape, slides=False)
        numbering = parts.element("pgNumType", start="1")
        section._sectPr.append(numbering)
        section.different_first_page_header_footer = True
        _say(self.document.add_paragraph(), [(f"Phụ lục {block.label}".strip(), 14, "b")], CENTER, keep=True)
        _say(self.document.add_paragraph(), [(block.title, 14, "b")], CENTER, keep=True)
        if block.of:
            last = _say(self.document.add_paragraph(), [(f"(Kèm theo {block.of})", 14, "i")], CENTER, keep=True)
            _spaced(last, 0, 8)

    def _slide(self, block: Slide) -> None:
        line = self.document.add_paragraph(style="Heading 1")
        if block.kind != "cover":
            line.paragraph_format.page_break_before = True
        line.paragraph_format.first_line_indent = Twips(0)
        line.add_run(block.title).font.size = Pt(26)


def _page(section: Section, flat: bool, slides: bool) -> int:
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


def _number(section: Section) -> None:
    section.different_first_page_header_footer = True
    parts.page_number(section.header.paragraphs[0])


def _styles(document: Document, spacing: float) -> None:
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


def _together(block: Table, grid: list[list[_Cell]]) -> None:
    """Keep a small table on one page, and the title of a group with the row below it."""
    kinds = ["group"] * len(block.head) + [row.kind for row in block.rows]
    for y, kind in enumerate(kinds[:-1]):
        if kind == "group" or len(block.rows) <= SMALL_TABLE_ROWS:
            for line in (line for cell in grid[y] for line in cell.paragraphs):
                line.paragraph_format.keep_with_next = True


def _spaced(line: Line, before: float, after: float) -> Line:
    line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(before), Pt(after)
    return line


def _tight(line: Line, side: WD_ALIGN_PARAGRAPH) -> Line:
    line.alignment = side
    form = line.paragraph_format
    form.first_line_indent = Twips(0)
    form.space_before = form.space_after = Pt(0)
    form.line_spacing = 1.0
    return line


def _say(line: Line, words: Words, side: WD_ALIGN_PARAGRAPH, keep: bool = False) -> Line:
    """Fill a tight line with (text, size in points, style "b", "i", "bi" or "")."""
    _tight(line, side)
    line.paragraph_format.keep_with_next = keep
    for number, (text, size, style) in enumerate(words):
        run = line.add_run()
        if number:
            run.add_break(WD_BREAK.LINE)
        run.add_text(text)
        run.font.size = Pt(size)
        run.bold, run.italic = "b" in style, "i" in style
    return line


def _header(document: Document, head: Head, flat: bool) -> None:
    widths = list(FLAT_HEADER_WIDTHS if flat else HEADER_WIDTHS)
    table = document.add_table(rows=2, cols=2)
    parts.without_borders(table, widths)
    left, right = table.rows[0].cells
    above = [(one, 13, "") for one in head.superior] + [(one, 13, "b") for one in head.agency]
    _say(left.paragraphs[0], above, CENTER)
    parts.rule(left, widths[0], round(parts.text_width(head.agency[-1], 13, bold=True) * 0.42))
    motto = "Độc lập - Tự do - Hạnh phúc"
    _say(right.paragraphs[0], [("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, "b"), (motto, 14, "b")], CENTER)
    parts.rule(right, widths[1], parts.text_width(motto, 14, bold=True))
    number, day = table.rows[1].cells
    below = [(f"Số: {head.number}", 13.0, ""), *((one, 12.0, "") for one in head.about)]
    _say(number.paragraphs[0], below, CENTER).paragraph_format.space_before = Pt(6)
    for one, colour in ((head.draft, "000000"), (head.urgency, "C8102E")):
        if one:
            mark = _spaced(_say(number.add_paragraph(), [(one, 13, "b")], CENTER), 6, 2)
            parts.framed(mark.runs[0], colour)
    _say(day.paragraphs[0], [(f"{head.place}, {head.date}", 14, "i")], CENTER).paragraph_format.space_before = Pt(6)


def _title(document: Document, head: Head) -> None:
    if head.name:
        _say(document.add_paragraph(), [(head.name, 14, "b")], CENTER).paragraph_format.space_before = Pt(14)
        _say(document.add_paragraph(), [(one, 14, "b") for one in head.subject], CENTER)
        first = document.sections[0]
        room = int((first.page_width - first.left_margin - first.right_margin) / 635)
        length = round(parts.text_width(head.subject[-1], 14, bold=True) * 0.4)
        _spaced(parts.rule(document, room, length), 0, 8)
    if len(head.to) == 1:
        _say(
            document.add_paragraph(), [(f"Kính gửi: {head.to[0]}", 14, "")], CENTER
        ).paragraph_format.space_before = Pt(12)
    elif head.to:
        ends = [";"] * (len(head.to) - 1) + ["."]
        lines = [("Kính gửi:", 14.0, "")] + [
            (f"- {one}{end}", 14.0, "") for one, end in zip(head.to, ends, strict=True)
        ]
        line = _say(document.add_paragraph(), lines, LEFT)
        line.paragraph_format.left_indent = Mm(45)
        line.paragraph_format.space_before = Pt(12)


def _signature(document: Document, sign: Sign) -> None:
    document.add_paragraph().paragraph_format.space_before = Pt(0)
    table = document.add_table(rows=1, cols=2)
    parts.without_borders(table, [4140, 5215])
    parts.unbroken(table.rows[0])
    left, right = table.rows[0].cells
    if sign.recipients:
        lines = [("Nơi nhận:", 12.0, "bi")] + [(f"- {one}", 11.0, "") for one in sign.recipients]
        _say(left.paragraphs[0], lines, LEFT)
    _say(right.paragraphs[0], [(one, 14, "b") for one in sign.power], CENTER)
    _say(right.add_paragraph(), [(sign.name, 14, "b")], CENTER).paragraph_format.space_before = Pt(70)
