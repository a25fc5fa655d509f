"""Bảng tổng hợp ý kiến, as DOCX and XLSX, and Bảng so sánh as DOCX with real tracked changes (`w:ins`, `w:del`).

Landscape A4 with the margins of Decree 30/2020/NĐ-CP. Tracked changes: ECMA-376 part 1, §17.13.5.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from server.records.forms.build_template import CELL_MARGIN, bare, line, motto, rule, table
from server.records.forms.tables import Form, fill, heading, ruled, shaped
from server.records.gathered import Change, Gathering, Opinion, answer, decision, made, where, who
from server.records.wording import is_text, tidy
from server.redline import LINE, Piece, redline

OPINIONS = Form(
    (850, 3200, 2400, 4600, 3237),
    ("STT", "Người góp ý", "Vị trí trong tài liệu", "Nội dung ý kiến", "Tiếp thu, giải trình"),
)
CHANGES = Form(
    (850, 2000, 4000, 4850, 2587),
    ("STT", "Điều, khoản, điểm", "Nội dung dự thảo", "Đề nghị sửa đổi, bổ sung", "Tiếp thu, giải trình"),
)
"""Twips; together the width of a landscape page between its margins."""
LETTERHEAD = (5700, 8587)
WIDTHS = (5, 30, 26, 20, 52, 36)
"""Of the spreadsheet's columns, in letters."""
LINE_PT, MOST_PT = 16, 409
"""Height of a spreadsheet's line, and the most a row may have (Excel specifications and limits)."""
HEAD_ROW = 4
CELL_LETTERS = 32_767
"""The most letters a spreadsheet's cell may hold (Excel specifications and limits)."""


def opinions_docx(gathering: Gathering[Opinion]) -> bytes:
    """Everything the members wrote, paper by paper."""

    def row(target: Any, number: int, opinion: Opinion) -> None:
        fill(target, OPINIONS, (str(number), *map(_text, _opinion_cells(opinion))))

    return _document(gathering, "BẢNG TỔNG HỢP Ý KIẾN", OPINIONS, row)


def changes_docx(gathering: Gathering[Change]) -> bytes:
    """Draft against proposal, each change a tracked one by its author's name."""
    marks = iter(range(1, 1 << 30))

    def row(target: Any, number: int, change: Change) -> None:
        cells = fill(
            target, CHANGES, (str(number), _text(where(change)), _text(change.before), "", _text(decision(change)))
        )
        _tracked(cells[3], change, marks)

    return _document(gathering, "BẢNG SO SÁNH, TIẾP THU ĐỀ NGHỊ SỬA ĐỔI, BỔ SUNG", CHANGES, row)


def opinions_xlsx(gathering: Gathering[Opinion]) -> bytes:
    """The same table to sort and to filter: the paper stands in each row."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    base = {"font_name": "Times New Roman", "font_size": 12, "text_wrap": True, "valign": "top"}
    cell, centred = (book.add_format({**base, "border": 1, **more}) for more in ({}, {"align": "center"}))
    head = book.add_format({**base, "border": 1, "bold": True, "align": "center", "bg_color": "#E7ECEA"})
    title = book.add_format({**base, "bold": True, "font_size": 14, "text_wrap": False})
    sheet = book.add_worksheet("Tổng hợp ý kiến")
    sheet.write(0, 0, "BẢNG TỔNG HỢP Ý KIẾN", title)
    sheet.write(1, 0, _text(gathering.title), book.add_format({**base, "text_wrap": False}))
    sheet.write(2, 0, f"Lập lúc {made(gathering.made_at)}", book.add_format({**base, "text_wrap": False}))
    heads = ("STT", "Tài liệu", *OPINIONS.heads[1:])
    for column, (words, width) in enumerate(zip(heads, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write(HEAD_ROW, column, words, head)
    rows = [(section.title, row) for section in gathering.sections for row in section.rows]
    for number, (paper, opinion) in enumerate(rows, 1):
        sheet.write(HEAD_ROW + number, 0, number, centred)
        texts = (paper, *_opinion_cells(opinion))
        sheet.set_row(HEAD_ROW + number, min(MOST_PT, LINE_PT * max(map(_lines_in, texts, WIDTHS[1:]))))
        for column, text in enumerate(texts, 1):
            sheet.write_string(HEAD_ROW + number, column, _text(text)[:CELL_LETTERS], cell)
    _printed(sheet, len(heads), len(rows))
    book.close()
    return written.getvalue()


def _printed(sheet: Any, columns: int, rows: int) -> None:
    """Landscape A4, as wide as a page, with its head on each."""
    sheet.freeze_panes(HEAD_ROW + 1, 0)
    sheet.autofilter(HEAD_ROW, 0, HEAD_ROW + rows, columns - 1)
    sheet.repeat_rows(HEAD_ROW)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _lines_in(text: str, width: int) -> int:
    """How many lines a text takes in a cell so many letters wide: not every program finds out by itself."""
    return sum(1 + len(part) // width for part in text.split("\n"))


def _opinion_cells(opinion: Opinion) -> tuple[str, str, str, str]:
    return who(opinion.person), where(opinion), opinion.text, answer(opinion)


def _text(text: str) -> str:
    """Only what a document may hold."""
    return "".join(letter for letter in text if is_text(letter) and letter != "\r")


def _document(gathering: Gathering[Any], title: str, form: Form, write: Callable[[Any, int, Any], None]) -> bytes:
    document = bare()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    _head(document, gathering)
    for text, bold in ((title, True), (tidy(gathering.title), True), (f"(Lập lúc {made(gathering.made_at)})", False)):
        paragraph = document.add_paragraph(style="Tên loại")
        run = paragraph.add_run(text)
        run.bold, run.italic = bold, not bold
    paragraph.paragraph_format.space_after = Pt(8)
    rows = ruled(document, form)
    number = 0
    for one in gathering.sections:
        heading(rows, form, tidy(one.title))
        for written in one.rows:
            number += 1
            write(rows.add_row(), number, written)
    document.core_properties.title = f"{title.capitalize()}: {tidy(gathering.title)}"[:250]
    document.core_properties.author = ""
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _head(document: Any, gathering: Gathering[Any]) -> None:
    left, right = table(document, LETTERHEAD, CELL_MARGIN).rows[0].cells
    names = [
        (tidy(gathering.superior).upper(), "Cơ quan chủ quản"),
        (tidy(gathering.agency).upper(), "Cơ quan ban hành"),
    ]
    for index, (name, style) in enumerate([one for one in names if one[0]]):
        line(left, name, style, first=index == 0)
    rule(line(left, "", "Gạch dưới"), LETTERHEAD[0] - 2 * CELL_MARGIN, 1200)
    motto(right, LETTERHEAD[1])
    document.add_paragraph("", style="Gạch dưới").paragraph_format.space_after = Pt(12)


def _tracked(cell: Any, change: Change, marks: Iterator[int]) -> None:
    """Who proposes it, the redline, and why."""
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(_text(tidy(change.person.name)))
    run.bold, run.font.size = True, Pt(CHANGES.size)
    paragraph = shaped(cell, cell.add_paragraph(), CHANGES)
    for piece in redline(change.before, change.after):
        for words in _lines(piece):
            if words == LINE:
                paragraph = shaped(cell, cell.add_paragraph(), CHANGES)
            else:
                gap = " " if paragraph._p.xpath("./w:r|./w:ins|./w:del") else ""
                _add(paragraph, (piece.kind, gap + words), change, marks)
    if change.reason.strip():
        paragraph = shaped(cell, cell.add_paragraph(), CHANGES)
        run = paragraph.add_run(f"Lý do: {_text(tidy(change.reason))}")
        run.italic, run.font.size = True, Pt(CHANGES.size)


def _lines(piece: Piece) -> Sequence[str]:
    """The words of a piece, and where a new paragraph begins."""
    found = _text(piece.text).split(LINE)
    parts = [part for line_ in found for part in (line_.strip(), LINE)][:-1]
    return [part for part in parts if part]


def _add(paragraph: Any, piece: tuple[str, str], change: Change, marks: Iterator[int]) -> None:
    kind, text = piece
    run = paragraph.add_run()
    run.font.size = Pt(CHANGES.size)
    words = OxmlElement("w:delText" if kind == "gone" else "w:t")
    words.text = text
    words.set(qn("xml:space"), "preserve")
    run._r.append(words)
    if kind == "same":
        return
    mark = OxmlElement("w:del" if kind == "gone" else "w:ins")
    when = datetime.fromtimestamp(change.at // 1000, UTC)
    for name, value in (("id", str(next(marks))), ("author", tidy(change.person.name)), ("date", f"{when:%FT%TZ}")):
        mark.set(qn(f"w:{name}"), _text(value))
    run._r.addprevious(mark)
    mark.append(run._r)
