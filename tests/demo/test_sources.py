"""The sources of the papers: they read well, and their figures agree with each other."""

from decimal import Decimal
from pathlib import Path

import pytest

from demo.figures import column, filled, read, rows, written
from demo.paper import Heading, Paper, Paragraph, Row, Table
from demo.papers import HERE
from demo.source import read_paper, runs

SOURCES = sorted(HERE.glob("*.md"))


@pytest.fixture(scope="module")
def papers() -> dict[str, Paper]:
    return {path.stem: read_paper(path) for path in SOURCES}


def words(row: Row) -> list[str]:
    return ["".join(run.text for run in cell.runs) for cell in row.cells]


def table_named(paper: Paper, start: str) -> Table:
    return next(block for block in paper.blocks if isinstance(block, Table) and block.caption.startswith(start))


def sums_of(table: Table) -> list[tuple[list[str], list[list[str]]]]:
    """Every sum row with the plain rows it must be the sum of, found without the code that computed it."""
    found = []
    lines = [(row.kind, words(row)) for row in table.rows]
    for index, (kind, cells) in enumerate(lines):
        if kind != "sum":
            continue
        after = []
        for other, line in lines[index + 1 :]:
            if other != "plain":
                break
            after.append(line)
        everything = [line for other, line in lines if other == "plain"]
        found.append((cells, after or everything))
    return found


def every_sum() -> list[tuple[str, str, list[str], list[list[str]]]]:
    return [
        (path.stem, table.caption, cells, members)
        for path in SOURCES
        for table in read_paper(path).blocks
        if isinstance(table, Table)
        for cells, members in sums_of(table)
    ]


@pytest.mark.parametrize(("paper", "caption", "cells", "members"), every_sum())
def test_a_total_is_the_sum_of_its_rows(paper: str, caption: str, cells: list[str], members: list[list[str]]) -> None:
    checked = 0
    for x, total in enumerate(cells):
        numbers = [read(member[x]) for member in members]
        if read(total) is None or not all(number is not None for number in numbers):
            continue
        whole = sum((number for number in numbers if number is not None), Decimal())
        if whole == read(total):
            checked += 1
        else:
            assert is_share(x, total, cells), f"{paper} {caption}: column {x + 1} is {total}, the rows make {whole}"
    assert checked >= 1


def is_share(x: int, total: str, cells: list[str]) -> bool:
    """A percentage is not added up: it is one number of its own row in percent of another."""
    numbers = [number for cell in cells[:x] if (number := read(cell))]
    shares = [written(one * 100 / other, 1) for one in numbers for other in numbers]
    return total in shares or x == len(cells) - 1


def test_there_are_many_totals_to_check() -> None:
    assert len(every_sum()) >= 25


def test_the_grand_total_of_an_annex_is_the_sum_of_its_groups(papers: dict[str, Paper]) -> None:
    annexes = [t for t in papers["bao-cao-ktxh"].blocks if isinstance(t, Table) and not t.caption and len(t.rows) > 60]
    assert len(annexes) == 5
    for table in annexes:
        whole, *groups = [words(row) for row in table.rows if row.kind == "sum"]
        assert whole[1] == "Toàn tỉnh"
        for x in (2, 3):
            assert read(whole[x]) == sum(read(group[x]) or 0 for group in groups)


def test_budget_totals_agree_with_the_text(papers: dict[str, Paper]) -> None:
    table = table_named(papers["bao-cao-ktxh"], "Bảng 6.")
    totals = {words(row)[1]: words(row)[2:] for row in table.rows if row.kind == "sum"}
    assert totals["Tổng thu trên địa bàn"] == ["17.850", "20.146", "112,9"]
    assert totals["Thu nội địa"] == ["13.150", "14.926", "113,5"]
    assert totals["Thu từ hoạt động xuất nhập khẩu"] == ["4.700", "5.220", "111,1"]


def test_the_investment_plan_is_the_same_by_source_and_by_owner(papers: dict[str, Paper]) -> None:
    table = table_named(papers["bao-cao-ktxh"], "Bảng 8.")
    by_source = next(words(row)[2:4] for row in table.rows if row.kind == "sum")
    assert by_source == [written(sum(column(f"chu_dau_tu.{name}"))) for name in ("ke_hoach", "giai_ngan")]


def test_support_for_moving_follows_the_rates_of_the_draft_decision(papers: dict[str, Paper]) -> None:
    table = next(block for block in papers["du-thao-quyet-dinh"].blocks if isinstance(block, Table))
    rates = [read(cell) for row in table.rows for cell in words(row)[2:4]]
    names = ("xg_n", "xg_k", "lk_n", "lk_k", "tt_n", "tt_k")
    for row in rows("di_doi"):
        households = [Decimal(row[name]) for name in names]
        assert sum(households) == Decimal(row["tong"])
        assert sum(h * r for h, r in zip(households, rates, strict=True) if r) == Decimal(row["kinh_phi"])


def test_the_yearly_plan_of_moving_covers_all_households(papers: dict[str, Paper]) -> None:
    table = table_named(papers["to-trinh-di-doi"], "Bảng 1.")
    total = next(words(row) for row in table.rows if row.kind == "sum")
    assert total[2:4] == [written(sum(column(f"di_doi.{name}"))) for name in ("tong", "kinh_phi")]


def test_what_is_cut_equals_what_is_added_to_the_investment_plan(papers: dict[str, Paper]) -> None:
    cut, added = (
        next(words(row) for row in table_named(papers["to-trinh-dau-tu-cong"], name).rows if row.kind == "sum")
        for name in ("Bảng 1.", "Bảng 2.")
    )
    assert cut[3] == added[3] == "186,4"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_headings_count_without_gaps(path: Path) -> None:
    romans = ["I.", "II.", "III.", "IV.", "V.", "VI.", "VII."]
    counted = 0
    for block in read_paper(path).blocks:
        if isinstance(block, Paragraph) and "Phần thứ" in block.runs[0].text:
            counted = 0
        if isinstance(block, Heading) and block.level == 1:
            assert block.runs[0].text.split()[0] == romans[counted]
            counted += 1


@pytest.mark.parametrize("path", [p for p in SOURCES if p.stem != "trinh-chieu-ktxh"], ids=lambda path: path.stem)
def test_a_document_ends_with_the_closing_mark_before_its_signature(path: Path) -> None:
    text = path.read_text(encoding="utf-8").split("::: sign")[0]
    assert text.count("./.") == 1


def test_numbers_are_written_as_offices_write_them() -> None:
    assert written(Decimal("1234567.5")) == "1.234.567,5"
    assert written(Decimal("9.42")) == "9,42"
    assert read("1.234,5") == Decimal("1234.5")
    assert read("Tổng số") is None


def test_an_expression_becomes_its_number() -> None:
    assert filled("{{sum di_doi.tong}} hộ") == "1.254 hộ"
    assert filled("{{count di_doi.tong}} xã") == "18 xã"
    with pytest.raises(ValueError, match="no such figure"):
        filled("{{guess di_doi.tong}}")


def test_styles_and_footnotes_are_read() -> None:
    pieces = runs("Theo **Nghị quyết**^[Số 58/NQ-HĐND.] của *tỉnh*.")
    assert [(one.text, one.bold, one.italic, one.note) for one in pieces] == [
        ("Theo ", False, False, ""),
        ("Nghị quyết", True, False, "Số 58/NQ-HĐND."),
        (" của ", False, False, ""),
        ("tỉnh", False, True, ""),
        (".", False, False, ""),
    ]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("::: picture x", "no such block"),
        ("::: table A | | 1 1\n| a | b |\n|---|---|\n| 1 |2 | 3 |\n:::", "3 cells instead of 2"),
        ("::: table A | | 1 1\n| a | b |\n|---|---|\n| 1 |2 |", "not closed"),
        ("::: chart bar | A | %\n| | x | y |\n| n | 1 |\n:::", "holes"),
    ],
)
def test_a_broken_source_is_refused(tmp_path: Path, body: str, sentence: str) -> None:
    path = tmp_path / "t.md"
    front = 'id = "t"\nkind = "Báo cáo"\ntitle = "Thử"\nshort = "Thử"\n'
    path.write_text(f"+++\n{front}+++\n{body}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        read_paper(path)
