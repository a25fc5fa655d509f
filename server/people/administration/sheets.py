"""Spreadsheets that arrive, as rows of text, and the template that is given out.

Formulas are never computed: of an XLSX file the value last shown is read, and a text that begins like a formula is
refused with its row.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from server.errors import Invalid, TooLarge
from server.people.administration.rosters import COLUMNS, HEAD_WITHIN, MOST_ROWS
from server.people.organisation import Unit

MOST_BYTES = 1 << 20
UNPACKED_BYTES = 12 << 20
MOST_ENTRIES = 200
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How spreadsheets pack. Of the rest a few octets become gigabytes at once, whatever the directory says."""
MOST_CELLS = 40
"""In a row: what stands further to the right is not looked at."""
LAST_ROW = 4 * MOST_ROWS + HEAD_WITHIN
"""Lists with empty rows between them are read as well, but not for ever."""
CELL_LETTERS = 1_000
UNIT_COLUMN = [column.field for column in COLUMNS].index("unit")
WIDTHS = (30, 40, 44, 22, 18, 10)
NOTES = (
    "Mỗi người một dòng ở trang “Danh sách”. Ví dụ: Nguyễn Thị Minh Hạnh; Phó Giám đốc Sở Y tế; Sở Y tế; hanhntm.syt.",
    f"Mỗi tệp nhiều nhất {MOST_ROWS} người.",
    "Bắt buộc: Họ và tên, Đơn vị (quản trị đơn vị để trống cột Đơn vị được).",
    "Đơn vị: ghi đúng tên hoặc tên viết gọn ở trang “Đơn vị”.",
    "Tên đăng nhập: chữ thường không dấu, số, dấu chấm. Để trống thì chưa mở tài khoản, vẫn mời họp được.",
    "Thứ tự: để trống thì theo chức vụ.",
    "Người đã có (cùng tên đăng nhập, hoặc cùng họ tên trong đơn vị) được sửa theo dòng đó; ô trống giữ nguyên.",
    "Quyền quản trị, thư ký… không nhận từ tệp; cấp cho từng người trên màn hình Quản trị.",
)


def read_rows(content: bytes) -> list[list[str]]:
    """The first sheet of an XLSX workbook, or a CSV file, as texts.

    Raises `Invalid`: "roster.unreadable", "roster.old_excel", "roster.not_utf8"; `TooLarge("roster.too_much")`.
    """
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("roster.old_excel")
    return _separated(content)


def _workbook(content: bytes) -> list[list[str]]:
    import openpyxl

    _must_be_small(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        limits = {"min_row": 1, "max_row": LAST_ROW, "max_col": MOST_CELLS}
        rows = [[_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True, **limits)]
    except Exception as error:  # a damaged workbook breaks the reader in many ways, all of them the file's
        raise Invalid("roster.unreadable") from error
    return rows


def _must_be_small(content: bytes) -> None:
    """Before anything is unpacked for reading: as large as it says, and that not much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
                raise TooLarge("roster.too_much")
            if any(entry.compress_type not in PACKED for entry in entries):
                raise Invalid("roster.unreadable")
            if packed.testzip() is not None:
                raise Invalid("roster.unreadable")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise Invalid("roster.unreadable") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)[:CELL_LETTERS]


def _separated(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=head.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append([cell[:CELL_LETTERS] for cell in row[:MOST_CELLS]])
            if len(rows) >= LAST_ROW:
                break
    except csv.Error as error:
        raise Invalid("roster.unreadable") from error
    return rows


def _decoded(content: bytes) -> str:
    utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("roster.not_utf8") from error
    if "\x00" in text:
        raise Invalid("roster.unreadable")
    return text


def template(units: Sequence[Unit]) -> bytes:
    """A workbook to fill in: the list with two examples, the units one may write, and how it is filled in."""
    import xlsxwriter

    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    base = {"font_name": "Times New Roman", "font_size": 12}
    head = book.add_format({**base, "bold": True, "border": 1, "bg_color": "#E7ECEA"})
    cell = book.add_format({**base, "num_format": "@"})
    people, names, notes = (book.add_worksheet(name) for name in ("Danh sách", "Đơn vị", "Hướng dẫn"))
    for at, (column, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
        people.set_column(at, at, width, cell)
        people.write_string(0, at, column.head, head)
    people.freeze_panes(1, 0)
    _lines(names, [("Tên đơn vị", "Tên viết gọn"), *((unit.name, unit.short) for unit in units)], cell)
    _lines(notes, [(note,) for note in NOTES], cell)
    choice = {"validate": "list", "source": f"='Đơn vị'!$A$2:$A${len(units) + 1}", "error_type": "warning"}
    people.data_validation(1, UNIT_COLUMN, MOST_ROWS, UNIT_COLUMN, choice)
    book.close()
    return written.getvalue()


def _lines(sheet: Any, lines: Sequence[Sequence[str]], form: Any) -> None:
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, 1, 30)
    for number, texts in enumerate(lines):
        for at, text in enumerate(texts):
            sheet.write_string(number, at, text, form)
