"""Papers to DOCX in the form of Nghị định 30/2020/NĐ-CP, Phụ lục I: what an office would send.

Times New Roman 14, margins 20/20/30/15 mm, header table 67.5 | 100 mm, drawn rules, page number in the top margin
and not on the first page, annexes in sections of their own. Charts are pictures, as offices paste them.
"""

from __future__ import annotations

import io

import docx
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt, Twips
from docx.table import _Cell
from docx.text.paragraph import Paragraph as Line

from demo import docx_parts as parts
from demo.build_pdf import picture
from demo.docx_frame import (
    CENTER,
    LEFT,
    RIGHT,
    header,
    number_pages,
    say,
    set_page,
    set_styles,
    signature,
    spaced,
    tight,
    title,
)
from demo.paper import Annex, Block, Chart, Fact, Heading, Paper, Paragraph, Runs, Signature, Slide, Table

SMALL_TABLE_ROWS = 12
SIDES = {"left": LEFT, "center": CENTER, "right": RIGHT}


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
        self.room = set_page(self.document.sections[0], paper.about.landscape, self.slides)
        set_styles(self.document, paper.about.spacing)
        number_pages(self.document.sections[0])

    def written(self) -> bytes:
        about = self.paper.about
        self.document.core_properties.title = about.title
        self.document.core_properties.author = " ".join(about.head.agency) if about.head else ""
        if about.head is not None and not self.slides:
            header(self.document, about.head, about.landscape)
            title(self.document, about.head)
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
                    signature(self.document, self.paper.about.sign)
            case Slide():
                self._slide(block)
            case Fact():
                say(self.document.add_paragraph(), [(f"{block.value}  {block.label}", 20, "b")], LEFT)

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
            spaced(say(self.document.add_paragraph(), [(block.caption, 13, "b")], CENTER, keep=True), 8, 2)
        if block.unit:
            spaced(say(self.document.add_paragraph(), [(block.unit, 12, "i")], RIGHT, keep=True), 0, 2)
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
        spaced(say(self.document.add_paragraph(), [], LEFT), 0, 0)

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
        tight(line, side)
        line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(2)
        self._runs(line, runs, size, bold)

    def _chart(self, block: Chart) -> None:
        line = self.document.add_paragraph()
        spaced(tight(line, CENTER), 8, 2)
        line.paragraph_format.keep_with_next = True
        line.add_run().add_picture(io.BytesIO(picture(block)), width=Mm(158))
        say(self.document.add_paragraph(), [(block.caption, 13, "b")], CENTER, keep=bool(block.source))
        if block.source:
            say(self.document.add_paragraph(), [(block.source, 11, "i")], CENTER)

    def _annex(self, block: Annex) -> None:
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        self.room = set_page(section, block.landscape, slides=False)
        numbering = parts.element("pgNumType", start="1")
        section._sectPr.append(numbering)
        section.different_first_page_header_footer = True
        say(self.document.add_paragraph(), [(f"Phụ lục {block.label}".strip(), 14, "b")], CENTER, keep=True)
        say(self.document.add_paragraph(), [(block.title, 14, "b")], CENTER, keep=True)
        if block.of:
            last = say(self.document.add_paragraph(), [(f"(Kèm theo {block.of})", 14, "i")], CENTER, keep=True)
            spaced(last, 0, 8)

    def _slide(self, block: Slide) -> None:
        line = self.document.add_paragraph(style="Heading 1")
        if block.kind != "cover":
            line.paragraph_format.page_break_before = True
        line.paragraph_format.first_line_indent = Twips(0)
        line.add_run(block.title).font.size = Pt(26)


def _together(block: Table, grid: list[list[_Cell]]) -> None:
    """Keep a small table on one page, and the title of a group with the row below it."""
    kinds = ["group"] * len(block.head) + [row.kind for row in block.rows]
    for y, kind in enumerate(kinds[:-1]):
        if kind == "group" or len(block.rows) <= SMALL_TABLE_ROWS:
            for line in (line for cell in grid[y] for line in cell.paragraphs):
                line.paragraph_format.keep_with_next = True
