"""What words ask for, and where it stands."""

from __future__ import annotations

import unicodedata

import pytest

from server.documents.search.query import Sought, bare, excerpt, read, spelled, words
from server.errors import Refused

TEXT = (
    "ỦY BAN NHÂN DÂN TỈNH. Căn cứ Luật Đầu tư công ngày 29 tháng 11 năm 2024; xét đề nghị của Giám đốc Sở Tài chính "
    "tại Tờ trình số 15/TTr-STC về điều chỉnh kế hoạch vốn đầu tư công năm 2026, Ủy ban nhân dân tỉnh quyết nghị phân "
    "bổ 412 tỷ đồng cho các dự án đường giao thông nông thôn và hòa mạng lưới điện."
)
MA = ("ma", "mà", "má", "mã", "mả", "mạ", "mă", "mâ")


def shown(text: str, query: str) -> str:
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in excerpt(text, read(query)))


def test_words_have_two_forms() -> None:
    assert (bare("Đồng"), spelled("Đồng")) == ("dong", "đông1")
    assert spelled("hoà") == spelled("hòa") == spelled(unicodedata.normalize("NFD", "Hòa"))
    assert spelled("thuỷ") == spelled("thủy") != spelled("thúy")
    assert len({spelled(word) for word in MA}) == 8
    assert {bare(word) for word in MA} == {"ma"}


def test_marks_are_meant_where_they_are_typed_and_none_means_any() -> None:
    assert read("ngan sach") == (Sought(("ngan",)), Sought(("sach",)))
    assert read("ngân sach") == (Sought((spelled("ngân"),), exact=True), Sought(("sach",)))


def test_quoted_words_follow_each_other_and_parts_of_a_number_do_too() -> None:
    assert read('"ủy ban" xa') == (Sought((spelled("ủy"), "ban"), exact=True), Sought(("xa",)))
    assert read("“nhan dan” nhan dan") == (Sought(("nhan", "dan")), Sought(("nhan",)), Sought(("dan",)))
    assert read("15/QD-UBND") == (Sought(("15", "qd", "ubnd")),)
    assert read("tu tu TU") == (Sought(("tu",)),)
    assert words("a_b 3,5%") == ["a", "b", "3", "5"]


@pytest.mark.parametrize("nothing", ["", "  ", '""', "…!?", "_"])
def test_nothing_to_look_for_is_refused(nothing: str) -> None:
    with pytest.raises(Refused, match=r"search\.no_words"):
        read(nothing)


def test_an_excerpt_marks_what_was_sought_and_nothing_else() -> None:
    assert shown("Kinh phí hòa giải", "kinh hoà") == "[Kinh] phí [hòa] giải"
    assert shown("kính kinh Kình", "kính") == "[kính] kinh Kình"
    assert shown("kính kinh Kình", "kinh") == "[kính kinh Kình]"
    assert shown("Số 15/TTr-STC, 15 tháng", "15/ttr-stc") == "Số [15/TTr-STC], 15 tháng"
    assert shown("Điều 5, Điều 6", "“điều 6”") == "Điều 5, [Điều 6]"


def test_an_excerpt_is_taken_where_most_of_the_sought_stands() -> None:
    found = shown(TEXT, 'dau tu "phân bổ" 412')
    assert found.startswith("…") and found.endswith("…")
    assert "[phân bổ 412]" in found and "[đầu tư]" in found
    assert len(words(found)) <= 34
    assert shown(TEXT, "tinh").startswith("ỦY BAN NHÂN DÂN [TỈNH]. Căn cứ")


def test_an_excerpt_of_a_page_without_the_words_is_its_beginning() -> None:
    assert shown(TEXT, "vắng").startswith("ỦY BAN NHÂN DÂN TỈNH.")
    assert excerpt("", read("gì")) == ()
