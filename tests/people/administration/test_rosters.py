"""Lists of people in a file: what is read, what each row would do, and which rows are told what is wrong."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import openpyxl
import pytest
from msgspec.structs import replace

from server.errors import Problem
from server.people.accounts import Administrator
from server.people.administration.rosters import MOST_ROWS, Known, Planner, Row, roster_of
from server.people.administration.sheets import CELL_LETTERS, LAST_ROW, read_rows
from server.people.administration.tables import digest_of
from server.people.administration.templates import people_template, units_template
from server.people.organisation import Organisation, Unit
from server.people.positions import Person
from server.people.service import tidied
from tests.people.house import ACCOUNTS, PEOPLE, UNITS

HEAD = ["STT", "Họ và tên", "Chức vụ", "Đơn vị", "Tên đăng nhập", "Thứ tự", "Ghi chú"]
SYSTEM = Administrator("quan-tri", "ubnd", frozenset({"system"}))
OF_A_UNIT = Administrator("quan-tri-syt", "so-yt", frozenset({"unit"}))
RETIRED = Unit("so-cu", "Sở Văn hóa cũ", "", "department", "ubnd", 9, retired=True)
TWIN = Unit("so-yt-2", "Phòng Y tế", "Sở Y tế", "department", "ubnd", 8)
TWINS = [Person("hoan-2", "so-nv", "Phạm Đăng Hoàn")]


def planned(*rows: list[str], by: Administrator = SYSTEM, **more: Any) -> list[Row]:
    """What these rows below the usual head would do."""
    known = Known(
        Organisation([*UNITS, RETIRED, *more.get("units", [])]),
        [*map(tidied, PEOPLE), *more.get("people", [])],
        {person: name for person, (name, _) in ACCOUNTS.items() if person != "hoan"},
        frozenset({"quan-tri"}),
    )
    return Planner(by, known).rows(replace(roster_of([HEAD, *rows]), opening=more.get("opening", False)))


def row(name: str, title: str = "", unit: str = "", username: str = "", order: str = "") -> list[str]:
    """One row of a list."""
    return ["1", name, title, unit, username, order, "họp ngày 5"]


def workbook(*rows: list[Any]) -> bytes:
    """An XLSX file with these cells."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for cells in rows:
        sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def filled(content: bytes) -> list[list[str]]:
    """What stands in a file's cells."""
    rows = [[cell for cell in row if cell] for row in read_rows(content)]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def test_the_head_is_found_below_a_letterhead_and_in_any_order() -> None:
    roster = roster_of([["UBND TỈNH LAM GIANG"], [], ["Đơn vị công tác", "HỌ VÀ TÊN (*)"], ["Sở Y tế", "Lê  An\u200b"]])
    assert [(line.number, line.cells) for line in roster.lines] == [(4, {"unit": "Sở Y tế", "name": "Lê An"})]
    assert roster_of([HEAD, row("Lê An")]).unread == ["Ghi chú"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["Tên cơ quan"], ["Lê An"]], "roster.no_head"),
        ([HEAD, [], ["", ""]], "roster.empty"),
        ([["Họ tên", "Họ và tên"], ["a", "b"]], "roster.head_twice"),
        ([HEAD, *[row(f"Lê {at}") for at in range(MOST_ROWS + 1)]], "roster.too_many_rows"),
    ],
)
def test_a_list_that_is_none_is_refused(rows: list[list[str]], code: str) -> None:
    with pytest.raises(Problem, match=code.replace(".", r"\.")):
        roster_of(rows)


def test_somebody_new_somebody_changed_and_somebody_as_before_are_told_apart() -> None:
    new, changed, opened, same = planned(
        row("Nguyễn Thị Minh Hạnh", "Phó Giám đốc Sở Y tế", "sở y tế", "Hanhntm.SYT"),
        row("Trần Quốc Hòa", "Giám đốc Sở Y tế", "Sở Y tế tỉnh Lam Giang"),
        row("Phạm Đăng Hoàn", "", "so-nv", "hoanpd.snv"),
        row("Lê Thị Minh Nguyệt", "", "", "nguyetltm.syt"),
    )
    assert (new.what, new.unit, new.username, new.opens) == ("create", "Sở Y tế tỉnh Lam Giang", "hanhntm.syt", True)
    assert new.kept == Person("", "so-yt", "Nguyễn Thị Minh Hạnh", "Phó Giám đốc Sở Y tế", 230)
    assert (changed.what, changed.changes["title"]) == ("change", ["Phó Giám đốc Sở Y tế", "Giám đốc Sở Y tế"])
    assert changed.changes["precedence"][1] == 120 and not changed.opens
    assert (opened.what, opened.changes) == ("change", {"username": ["", "hoanpd.snv"]})
    assert (same.what, same.changes) == ("same", {})


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (row("", "Chuyên viên", "so-yt"), "person.name_missing"),
        (row("Lê An", unit=""), "roster.unit_missing"),
        (row("Lê An", unit="Sở Mỏ"), "roster.unit_unknown"),
        (row("Lê An", unit="Sở Văn hóa cũ"), "unit.retired"),
        (row("Lê An", unit="Sở Y tế", username="lê an"), "username.form"),
        (row("=HYPERLINK(A1)", unit="so-yt"), "roster.formula"),
        (row("Lê An", "@SUM(1)", "so-yt"), "roster.formula"),
        (row("L" * 201, unit="so-yt"), "roster.too_long"),
        (row("Lê An", unit="so-yt", order="đầu"), "roster.precedence"),
        (row("Lê An", unit="so-yt", order="100001"), "roster.precedence"),
        (row("Trần Quốc Hòa", unit="so-yt", username="hoa.moi"), "roster.other_username"),
        (row("Phạm Đăng Hoàn", unit="so-nv"), "roster.namesakes"),
        (row("Lê An", unit="Sở Y tế"), "roster.unit_ambiguous"),
    ],
)
def test_a_row_that_cannot_be_kept_says_why(cells: list[str], code: str) -> None:
    more = {"people": TWINS} if code == "roster.namesakes" else {}
    more |= {"units": [TWIN]} if code == "roster.unit_ambiguous" else {}
    (found,) = planned(cells, **more)
    assert (found.what, found.kept, [wrong.code for wrong in found.wrong]) == ("wrong", None, [code])


def test_all_that_is_wrong_with_the_cells_of_a_row_is_told_at_once() -> None:
    (found,) = planned(row("+Lê An", unit="=so-yt", order="x"))
    assert [wrong.code for wrong in found.wrong] == ["roster.formula", "roster.formula", "roster.precedence"]


def test_whoever_stands_there_twice_is_told_where_first() -> None:
    rows = planned(
        row("Lê An", unit="so-yt"),
        row("LÊ AN", unit="so-yt"),
        row("Lê Bình", unit="so-yt", username="le.an"),
        row("Lê Chi", unit="so-yt", username="le.an"),
        row("Trần Quốc Hòa", "A", "so-yt"),
        row("", "B", "", "hoatq.syt"),
    )
    assert [[(one.code, one.details["row"]) for one in found.wrong] for found in rows] == [
        [], [("roster.twice", 2)], [], [("roster.twice", 4)], [], [("roster.twice", 6)],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (row("Lê An", unit="so-nv"), "roster.not_your_unit"),
        (row("Phạm Đăng Hoàn", username="dangvh.ubnd"), "username.taken"),
        (row("Lê An", username="dangvh.ubnd"), "username.taken"),
    ],
)
def test_a_units_administrator_writes_their_own_unit_only(cells: list[str], code: str) -> None:
    (found,) = planned(cells, by=OF_A_UNIT)
    assert [wrong.code for wrong in found.wrong] == [code]


def test_a_unit_that_is_not_written_is_the_administrators_own() -> None:
    (found,) = planned(row("Lê An", "Chuyên viên"), by=OF_A_UNIT)
    assert found.kept is not None and found.kept.unit == "so-yt"


def test_the_systems_administrator_of_a_unit_is_no_business_of_its_administrator() -> None:
    inside = msgspec.structs.replace(PEOPLE[4], unit="so-yt")
    known = Known(Organisation(UNITS), [inside], {"quan-tri": "dangvh.ubnd"}, frozenset({"quan-tri"}))
    rows = roster_of([HEAD, row("Vũ Hải Đăng", "Giám đốc", "so-yt")])
    (found,) = Planner(OF_A_UNIT, known).rows(rows)
    assert [wrong.code for wrong in found.wrong] == ["office.not_yours_to_give"]


def test_where_it_is_wished_everybody_gets_an_account_under_the_usual_name_or_the_next_free_one() -> None:
    rows = planned(
        row("Trần Quang Hòa", unit="so-yt"),
        row("Trịnh Quế Hòa", unit="so-yt"),
        row("Phạm Đăng Hoàn", unit="so-nv"),
        row("Trần Quốc Hòa", unit="so-yt"),
        row("Lê An", unit="so-yt", username="an.rieng"),
        opening=True,
    )
    names = ["hoatq2.syt", "hoatq3.syt", "hoanpd.snv", "", "an.rieng"]
    assert [found.username if found.opens else "" for found in rows] == names
    assert [found.what for found in rows] == ["create", "create", "change", "same", "create"]


def test_what_was_looked_at_is_known_again_and_nothing_else() -> None:
    rows = planned(row("Lê An", unit="so-yt"))
    assert digest_of(rows) == digest_of(planned(row("Lê An", unit="so-yt")))
    assert digest_of(rows) != digest_of(planned(row("Lê An", "Chuyên viên", "so-yt")))


# Files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "Họ và tên;Thứ tự\r\nLê An;5\r\n".encode("utf-8-sig"),
        "Họ và tên\tThứ tự\nLê An\t5\n".encode("utf-16"),
        'Họ và tên,Thứ tự\n"Lê An",5\n'.encode(),
        workbook(["Họ và tên", "Thứ tự"], ["Lê An", 5.0]),
    ],
    ids=["semicolons", "unicode text", "commas", "workbook"],
)
def test_the_files_offices_make_are_read(content: bytes) -> None:
    assert filled(content)[:2] == [["Họ và tên", "Thứ tự"], ["Lê An", "5"]]


def test_a_formula_of_a_workbook_is_not_computed() -> None:
    assert filled(workbook(["Họ và tên"], ["=1+1"], ["Lê An"])) == [["Họ và tên"], [], ["Lê An"]]


def _packed(**parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return written.getvalue()


def _lying() -> bytes:
    """A large entry whose directory says that it is small."""
    honest = _packed(a=b"\0" * (14 << 20))
    large, small = (14 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little")
    return honest.replace(large, small)


def _packed_anew(how: int) -> bytes:
    """A workbook packed in another way than spreadsheets pack theirs."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["Họ và tên"], ["Lê An"]))) as parts,
        zipfile.ZipFile(written, "w", how) as packed,
    ):
        for name in parts.namelist():
            packed.writestr(name, parts.read(name))
    return written.getvalue()


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_cannot_be_unpacked_bit_by_bit_is_not_unpacked(how: int) -> None:
    with pytest.raises(Problem, match=r"roster\.unreadable"):
        read_rows(_packed_anew(how))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "roster.empty|roster.no_head"),
        ("Họ và tên\nLê An".encode("cp1258", "replace"), "roster.not_utf8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "roster.old_excel"),
        (b"PK\x03\x04 is not enough", "roster.unreadable"),
        (_packed(a=b"no workbook"), "roster.unreadable"),
        (_packed(a=b"\0" * (13 << 20)), "roster.too_much"),
        (_lying(), "roster.unreadable"),
        (_packed(**{f"part{at}": b"" for at in range(300)}), "roster.too_much"),
        (b"%PDF-1.7\n\x00\x00", "roster.unreadable"),
    ],
    ids=["nothing", "another code page", "xls", "cut off", "no workbook", "bomb", "lying bomb", "many parts", "pdf"],
)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(Problem, match=code.replace(".", r"\.")):
        roster_of(read_rows(content))


def test_a_workbook_with_a_cell_at_its_far_end_takes_no_more_than_another() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "Họ và tên"
    book.worksheets[0]["A2"] = "Lê An"
    book.worksheets[0]["XFD1048576"] = "x"
    written = io.BytesIO()
    book.save(written)
    rows = read_rows(written.getvalue())
    assert len(rows) <= LAST_ROW and [line.cells for line in roster_of(rows).lines] == [{"name": "Lê An"}]


def test_a_long_text_that_stands_in_every_cell_is_kept_once() -> None:
    rows = read_rows(workbook(["Họ và tên"], *[["x" * 2_000] * 20] * 5))
    assert {len(cell) for row in rows[1:] for cell in row if cell} == {CELL_LETTERS}
    assert len({id(cell) for row in rows[1:] for cell in row if cell}) == 1, "a workbook has it once, too"


@pytest.mark.parametrize("template", [people_template, units_template])
def test_no_name_in_a_workbook_that_is_given_out_is_a_formula(template: Callable[[Sequence[Unit]], bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template([*UNITS, replace(UNITS[-1], id="evil", name="=HYPERLINK(A1)")])))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert "=HYPERLINK(A1)" in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells if cell.value == "=HYPERLINK(A1)"} == {"s"}


def test_the_template_is_read_as_it_was_given_out() -> None:
    content = people_template(UNITS[2:])
    with pytest.raises(Problem, match=r"roster\.empty"):
        roster_of(read_rows(content))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [cell.value for cell in book["Đơn vị"]["A"]] == ["Tên đơn vị", *(unit.name for unit in UNITS[2:])]
    book.worksheets[0].append(["Lê An", "Chuyên viên", "Sở Y tế"])
    filled = io.BytesIO()
    book.save(filled)
    (line,) = roster_of(read_rows(filled.getvalue())).lines
    assert {field: text for field, text in line.cells.items() if text} == {
        "name": "Lê An", "title": "Chuyên viên", "unit": "Sở Y tế",
    }  # fmt: skip
