"""The result of a ballot as a table (CSV): for spreadsheets, in UTF-8 with the mark that Excel asks for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from server.meetings.ballot import Ballot, Tally
from server.meetings.meeting import Meeting
from server.meetings.results import basis_of, carries, chosen_in

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP: CSV injection)."""
METHODS = {
    "open": "Biểu quyết công khai",
    "named": "Biểu quyết ghi danh",
    "secret": "Bỏ phiếu kín",
    "hands": "Biểu quyết bằng giơ tay",
    "paper": "Bỏ phiếu bằng phiếu giấy",
}


def table_of(meeting: Meeting, ballot: Ballot, counted: Tally | None = None) -> str:
    """The whole table; `counted` where it is not announced yet. Names only where they were announced."""
    found = counted or Tally(ballot.tally, ballot.result or "rejected", ballot.cast, ballot.sheet, ballot.chosen)
    text = io.StringIO()
    write = csv.writer(text)
    for row in (*_head(ballot, found), (), *_counts(ballot, found), (), *_names(meeting, ballot)):
        write.writerow([_harmless(cell) for cell in row])
    return MARK + text.getvalue()


def _head(ballot: Ballot, found: Tally) -> Iterable[tuple[object, ...]]:
    yield "Nội dung biểu quyết", ballot.question
    yield "Hình thức", METHODS[ballot.method]
    yield "Được biểu quyết", len(ballot.electorate)
    yield "Đã biểu quyết", found.cast
    yield "Tính tỷ lệ trên", basis_of(ballot)
    if found.sheet:
        yield "Phiếu phát ra", found.sheet.issued
        yield "Phiếu thu về", found.sheet.returned
        yield "Phiếu không hợp lệ", found.sheet.invalid
    if found.chosen:
        yield "Phiếu trắng", found.chosen.blank
    if ballot.state == "void":
        yield "Hiệu lực", "Đã hủy kết quả"


def _counts(ballot: Ballot, found: Tally) -> Iterable[tuple[object, ...]]:
    yield "Phương án", "Số phiếu", "Tỷ lệ %", "Kết quả"
    basis = basis_of(ballot)
    for option in ballot.options:
        votes = found.tally.get(option.key, 0)
        share = f"{votes * 100 / basis:.2f}".replace(".", ",") if basis else ""
        yield option.vi, votes, share, _said(ballot, found, option.key)


def _said(ballot: Ballot, found: Tally, key: str) -> str:
    if found.chosen:
        if key in found.chosen.elected:
            return "Trúng cử" if ballot.kind == "election" else "Được chọn"
        return "Bằng phiếu" if key in found.chosen.tied else ""
    if key != ballot.carries:
        return ""
    return "Đạt" if carries(ballot, found.tally.get(key, 0)) or found.result == "passed" else "Không đạt"


def _names(meeting: Meeting, ballot: Ballot) -> Iterable[tuple[object, ...]]:
    if not ballot.votes:
        return
    words = {option.key: option.vi for option in ballot.options}
    yield "Họ và tên", "Chức vụ", "Đơn vị", "Đã chọn"
    members = [meeting.members[mandate] for mandate in ballot.votes if mandate in meeting.members]
    for member in sorted(members, key=lambda one: (one.precedence, one.id)):
        chosen = "; ".join(words.get(key, key) for key in chosen_in(ballot.votes[member.id]))
        yield member.name, member.title, member.unit, chosen


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
