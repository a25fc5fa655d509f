"""Spreadsheets that arrive, as rows of text.

Formulas are never computed: of an XLSX file the value last shown is read, and a text that begins like a formula is
refused with its row.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from datetime import datetime
from typing import Any

from server.errors import Invalid, TooLarge
from server.people.administration.tables import HEAD_WITHIN
from server.people.administration.unitlists import MOST_UNITS
from server.people.names import clean

MOST_BYTES = 1 << 20
UNPACKED_BYTES = 12 << 20
MOST_ENTRIES = 200
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How spreadsheets pack. Of the rest a few octets become gigabytes at once, whatever the directory says."""
MOST_CELLS = 40
"""In a row: what stands further to the right is not looked at."""
LAST_ROW = 2 * MOST_UNITS + HEAD_WITHIN
"""Lists with empty rows between them are read as well, but not for ever."""
CELL_LETTERS = 1_000


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
        known: dict[str, str] = {}
        cells = book.worksheets[0].iter_rows(values_only=True, **limits)
        rows = [[_tidied(_text(cell), known) for cell in row] for row in cells]
    except Exception as error:  # a damaged workbook breaks the reader in many ways, all of them the file's
        raise Invalid("roster.unreadable") from error
    return rows


def _tidied(text: str, known: dict[str, str]) -> str:
    """A workbook holds a text once, however many cells have it: so do we, and put it in order once."""
    if text not in known:
        known[text] = clean(text)
    return known[text]


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
