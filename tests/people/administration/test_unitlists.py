"""Lists of units in a file: which unit a row means, what it would do, and which rows are told what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.errors import Problem
from server.people.administration.tables import digest_of
from server.people.administration.unitlists import KINDS, MOST_UNITS, UnitPlanner, UnitRow, unit_table_of
from server.people.organisation import Organisation, Unit
from tests.people.house import UNITS

HEAD = ["STT", "Tên đơn vị", "Tên viết gọn", "Loại", "Trực thuộc", "Thứ tự", "Mã", "Ghi chú"]
WEB = Path(__file__).parents[3] / "web"
RETIRED = Unit("so-cu", "Sở Văn hóa cũ", "", "department", "ubnd", 9, retired=True)
OFFICES = [
    Unit("vp-yt", "Văn phòng", "VP", "agency", "so-yt", 1),
    Unit("vp-nv", "Văn phòng", "VP", "agency", "so-nv", 1),
]


def row(name: str, parent: str = "", code: str = "", **more: str) -> list[str]:
    """One row of a list."""
    return ["1", name, more.get("short", ""), more.get("kind", ""), parent, more.get("order", ""), code, "mới"]


def planned(*rows: list[str], units: tuple[Unit, ...] = ()) -> list[UnitRow]:
    """What these rows below the usual head would do."""
    return UnitPlanner([*UNITS, RETIRED, *units]).rows(unit_table_of([HEAD, *rows]))


def codes(rows: list[UnitRow]) -> list[list[Any]]:
    """What is wrong with each."""
    return [[wrong.code for wrong in found.wrong] for found in rows]


def test_new_changed_and_untouched_units_are_told_apart() -> None:
    new, renamed, moved, same = planned(
        row("Sở Tài chính tỉnh Lam Giang", "UBND tỉnh", short="Sở Tài chính", kind="Sở"),
        row("Sở Y tế và Dân số tỉnh Lam Giang", code="SO-YT"),
        row("Sở Nội vụ tỉnh  Lam Giang", parent="tinh", code="so-nv", order="7"),
        row("Tỉnh  Lam Giang", short="Lam Giang", kind="Tỉnh, thành phố", code="tinh"),
    )
    assert new.kept == Unit("#2", "Sở Tài chính tỉnh Lam Giang", "Sở Tài chính", "department", "ubnd", 3)
    assert (new.what, new.code, new.parent) == ("create", "", "Ủy ban nhân dân tỉnh Lam Giang")
    assert (renamed.what, renamed.code, list(renamed.changes)) == ("change", "so-yt", ["name"])
    assert renamed.kept and renamed.kept.order == 2
    assert moved.changes == {"parent": ["Ủy ban nhân dân tỉnh Lam Giang", "Tỉnh Lam Giang"], "order": [1, 7]}
    assert (same.what, same.changes) == ("same", {})


def test_units_above_stand_anywhere_in_the_file_and_are_named_by_code_name_or_short_name() -> None:
    rows = planned(
        row("Phòng Kế hoạch", "Sở Tài chính"),
        row("Phòng Giá", "Sở Tài chính tỉnh Lam Giang"),
        row("Phòng Ngân sách", "stc"),
        row("Sở Tài chính tỉnh Lam Giang", "ubnd", "STC", short="Sở Tài chính"),
    )
    assert codes(rows) == [[], [], [], []]
    assert [found.kept and found.kept.parent for found in rows] == ["STC", "STC", "STC", "ubnd"]
    (beneath, _) = planned(row("Chi cục Thuế", "Sở Mỏ"), row("Sở Mỏ", "ubnd"))
    assert beneath.kept and (beneath.kept.parent, beneath.parent) == ("#3", "Sở Mỏ")


def test_new_units_without_a_place_come_after_their_siblings_in_the_order_of_the_file() -> None:
    rows = planned(row("Sở B", "ubnd"), row("Sở A", "ubnd"), row("Sở C", "ubnd", order="12"), row("Sở Đ", "ubnd"))
    assert [found.kept and found.kept.order for found in rows] == [3, 4, 12, 13]


def test_a_name_means_the_unit_beneath_the_one_above_it() -> None:
    one, other, new = planned(
        row("Văn phòng", "Sở Y tế", short="VP Sở"),
        row("Văn phòng", "so-nv"),
        row("Văn phòng", "ubnd"),
        units=(*OFFICES,),
    )
    assert [found.kept and found.kept.id for found in (one, other, new)] == ["vp-yt", "vp-nv", "#4"]
    assert new.namesake == "Sở Nội vụ tỉnh Lam Giang" and not one.namesake


def test_a_renamed_unit_above_is_found_by_both_its_names() -> None:
    rows = planned(row("Sở Y", code="so-yt"), row("Phòng Một", "Sở Y"), row("Phòng Hai", "Sở Y tế tỉnh Lam Giang"))
    assert [found.kept and found.kept.parent for found in rows[1:]] == ["so-yt", "so-yt"]
    assert rows[2].parent == "Sở Y"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (row("", "ubnd"), "unit.name_missing"),
        (row("", "ubnd", "moi"), "unit.name_missing"),
        (row("Sở Mỏ", "Bộ Mỏ"), "units.parent_unknown"),
        (row("Sở Mỏ", "#2"), "units.parent_unknown"),
        (row("Phòng Một", "Văn phòng"), "units.parent_ambiguous"),
        (row("Phòng Một", "Sở Văn hóa cũ"), "unit.parent_retired"),
        (row("Phòng Một", "so-cu"), "unit.parent_retired"),
        (row("Sở Văn hóa", code="so-cu"), "units.retired"),
        (row("Sở Mỏ", "ubnd", kind="Cục"), "units.kind_unknown"),
        (row("Sở Mỏ", "ubnd", "sở mỏ"), "units.code_form"),
        (row("Sở Mỏ", "ubnd", "m" * 65), "roster.too_long"),
        (row("Sở Mỏ", "ubnd", order="đầu"), "roster.precedence"),
        (row("=Sở", "ubnd"), "roster.formula"),
        (row("Văn phòng"), "units.namesakes"),
        (row("Sở Y tế"), "units.short_name"),
        (row("Sở Y tế tỉnh Lam Giang", "ubnd", "syt"), "units.other_code"),
        (row("Sở Nội vụ tỉnh Lam Giang", code="so-yt"), "units.other_code"),
        (row("Tỉnh Lam Giang", "so-yt", "tinh"), "unit.cycle"),
        (row("Tỉnh Lam Giang", "tinh", "tinh"), "unit.cycle"),
    ],
)
def test_a_row_that_cannot_be_kept_says_why(cells: list[str], code: str) -> None:
    (found,) = planned(cells, units=(*OFFICES,))
    assert (found.what, found.kept, [wrong.code for wrong in found.wrong]) == ("wrong", None, [code])


def test_a_unit_that_stands_there_twice_is_told_where_the_other_row_is() -> None:
    rows = planned(
        row("Sở Mỏ", "ubnd"),
        row("SỞ MỎ", "UBND tỉnh"),
        row("Sở Y tế tỉnh Lam Giang"),
        row("Sở Y", code="so-yt"),
        row("Sở Đá", "ubnd", "da-1"),
        row("Sở Đá", "ubnd", "da-2"),
        row("Phòng Một", "Sở Mỏ"),
        row("sở mỏ", "ubnd"),
    )
    told = [[(wrong.code, wrong.details["row"]) for wrong in found.wrong] for found in rows]
    twice = "roster.twice"
    assert told == [[], [(twice, 2)], [(twice, 5)], [], [], [(twice, 6)], [], [(twice, 2)]]


def test_what_stands_there_is_not_wrong_for_being_longer_than_what_may_be_written() -> None:
    long = Unit("bql", "Ban Quản lý", "Ban Quản lý Khu kinh tế và các khu công nghiệp", "agency", "ubnd", 4)
    (kept,) = planned(row(long.name, "ubnd", "bql", short=long.short), units=(long,))
    (changed,) = planned(row(long.name, "ubnd", "bql", short=long.short + "."), units=(long,))
    assert (kept.what, codes([changed])) == ("same", [["roster.too_long"]])


def test_a_ring_of_new_units_is_told_of_each_of_them_and_of_nobody_beneath() -> None:
    rows = planned(row("Một", "Hai"), row("Hai", "Ba"), row("Ba", "Một"), row("Dưới", "Ba"))
    assert codes(rows) == [["unit.cycle"], ["unit.cycle"], ["unit.cycle"], []]


def test_who_stands_beneath_a_wrong_row_is_not_told_that_it_is_missing() -> None:
    above, beneath = planned(row("Sở Mỏ", "ubnd", order="đầu"), row("Phòng Một", "Sở Mỏ"))
    assert (above.what, codes([beneath]), beneath.parent) == ("wrong", [[]], "Sở Mỏ")


def test_by_its_code_a_unit_moves_by_its_name_there_it_is_another_one() -> None:
    (another,) = planned(row("Sở Y tế tỉnh Lam Giang", "Sở Nội vụ"))
    assert another.what == "create" and another.namesake == "Ủy ban nhân dân tỉnh Lam Giang"
    moved, under = planned(row("", "so-nv", "so-yt"), row("", "tinh", "so-nv"))
    assert codes([moved, under]) == [[], []] and moved.name == "Sở Y tế tỉnh Lam Giang"


def test_kinds_are_written_as_the_screen_says_them() -> None:
    said = json.loads((WEB / "src/i18n/vi/admin.json").read_text())
    assert {f"kind_{kind}": words for kind, words in KINDS.items()} == {
        key: words for key, words in said.items() if key.startswith("kind_")
    }
    (found,) = planned(row("Phường Một", "tinh", kind="phường"))
    assert found.kind == "ward"


def test_a_list_that_is_too_long_or_none_is_refused() -> None:
    for rows, code in (
        ([HEAD, *[row(f"Xã {at}") for at in range(MOST_UNITS + 1)]], "roster.too_many_rows"),
        ([["Họ và tên"], ["Lê An"]], "roster.no_head"),
    ):
        with pytest.raises(Problem, match=code.replace(".", r"\.")):
            unit_table_of(rows)


def test_what_is_right_with_every_row_is_a_tree() -> None:
    rows = planned(
        row("Sở Mỏ", "ubnd"), row("Phòng Một", "Sở Mỏ"), row("", "Sở Mỏ", "so-yt"), row("Xã Đông", kind="xã")
    )
    kept = {found.kept.id: found.kept for found in rows if found.kept}
    assert len(kept) == 4
    assert len(Organisation(({unit.id: unit for unit in [*UNITS, RETIRED]} | kept).values())) == 8


def test_what_was_looked_at_is_known_again_and_nothing_else() -> None:
    once = digest_of(planned(row("Sở Mỏ", "ubnd")))
    assert once == digest_of(planned(row("Sở Mỏ", "ubnd"))) != digest_of(planned(row("Sở Mỏ", "tinh")))
    moved = msgspec.structs.replace(UNITS[3], order=5)
    assert once != digest_of(UnitPlanner([*UNITS[:3], moved]).rows(unit_table_of([HEAD, row("Sở Mỏ", "ubnd")])))
