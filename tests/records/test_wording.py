from __future__ import annotations

from datetime import datetime

import pytest

from server.records.naming import Person, Words
from server.records.wording import (
    VIETNAM,
    at_site,
    date,
    full,
    hour,
    moment,
    number_and_symbol,
    percent,
    roman,
    sentence,
    span,
    tidy,
    unparted,
)
from tests.records.example import LAM, VINH, at


def millis(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=VIETNAM).timestamp()) * 1000


@pytest.mark.parametrize(
    ("day", "written"),
    [
        ((2026, 1, 5), "ngày 05 tháng 01 năm 2026"),
        ((2026, 2, 28), "ngày 28 tháng 02 năm 2026"),
        ((2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        ((2026, 6, 10), "ngày 10 tháng 6 năm 2026"),
        ((2026, 12, 31), "ngày 31 tháng 12 năm 2026"),
    ],
)
def test_days_below_ten_and_the_months_one_and_two_take_a_leading_zero(day: tuple[int, int, int], written: str) -> None:
    assert date(millis(*day)) == written


def test_hours_are_those_of_a_clock_in_vietnam() -> None:
    assert hour(0) == "07 giờ 00 phút"
    assert moment(at(8, 30)) == "08 giờ 30 phút, ngày 15 tháng 10 năm 2026"


def test_a_span_over_midnight_names_both_days() -> None:
    assert span(at(9, 0), at(9, 30)) == "từ 09 giờ 00 phút đến 09 giờ 30 phút"
    assert span(at(17, 0), at(8, 0, 16)).endswith("đến 08 giờ 00 phút, ngày 16 tháng 10 năm 2026")


def test_percentages_use_a_comma_and_no_trailing_zeros() -> None:
    assert [percent(24, 29), percent(1, 2), percent(29, 29), percent(1, 3), percent(0, 29), percent(1, 0)] == [
        "82,76%", "50%", "100%", "33,33%", "0%", "",
    ]  # fmt: skip


def test_numbers_below_ten_take_a_leading_zero_and_a_missing_one_leaves_a_gap() -> None:
    assert number_and_symbol(5, "UBND") == "Số: 05/BB-UBND"
    assert number_and_symbol(112, "VP") == "Số: 112/BB-VP"
    assert number_and_symbol(None, "UBND") == "Số:       /BB-UBND"


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("Xã Quỳnh Sa", "điểm cầu xã Quỳnh Sa"),
        ("Phường Lam Thành", "điểm cầu phường Lam Thành"),
        ("Đặc khu Vân Hải", "điểm cầu đặc khu Vân Hải"),
        ("Phường 7", "điểm cầu Phường 7"),
        ("Sở Tài chính", "điểm cầu Sở Tài chính"),
        ("Điểm cầu Xã Thường Xuân", "điểm cầu xã Thường Xuân"),
        ("Ủy ban nhân dân xã Thường Xuân", "điểm cầu Ủy ban nhân dân xã Thường Xuân"),
    ],
)
def test_sites_named_after_a_unit_are_written_as_within_a_sentence(label: str, written: str) -> None:
    assert at_site(label) == written


def test_a_long_title_does_not_end_in_a_line_of_one_syllable() -> None:
    title = "Phiên họp thường kỳ tháng 11 năm 2026 của Ủy ban nhân dân tỉnh Lam Giang"
    assert unparted(title) == title.replace("tỉnh Lam Giang", "tỉnh\u00a0Lam\u00a0Giang")
    assert unparted("Họp giao ban") == "Họp giao ban"


def test_items_are_numbered_in_roman() -> None:
    assert [roman(n) for n in (1, 4, 9, 14, 40, 49)] == ["I", "IV", "IX", "XIV", "XL", "XLIX"]


def test_a_post_is_named_once() -> None:
    assert full(LAM, Words()) == "đồng chí Phạm Hữu Lâm, Chủ tịch Ủy ban nhân dân tỉnh"
    assert full(VINH, Words(comrade=False)) == "ông Trần Đức Vịnh, Chánh Thanh tra tỉnh"
    assert full(Person("A"), Words(comrade=False)) == "ông/bà A"


def test_text_becomes_one_line_of_composed_letters_without_control_characters() -> None:
    assert tidy("  Ho\u0323p\n\tso\u0302\u0301\x00 \ud800") == "Họp số"


def test_a_sentence_is_closed_once() -> None:
    assert [sentence("a"), sentence("a."), sentence("a;"), sentence("a…")] == ["a.", "a.", "a.", "a…"]
