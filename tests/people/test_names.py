from __future__ import annotations

import pytest

from server.people.names import alphabetical, clean, fold, given_name_first, matches


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Đồng Nai", "dong nai"), ("Lê Thị Minh NGUYỆT", "le thi minh nguyet"), ("Ủy  ban", "uy ban")],
)
def test_folding_takes_marks_and_the_bar_of_the_d_away(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_folding_treats_composed_and_decomposed_spelling_alike() -> None:
    assert fold("Tu\u00e2\u0301n") == fold("Tu\u1ea5n") == "tuan"


@pytest.mark.parametrize("query", ["nguyet", "le nguyet", "Nguyệt", "minh  nguyệt", "NGUYET thi", ""])
def test_a_person_is_found_with_and_without_diacritics(query: str) -> None:
    assert matches(query, "Lê Thị Minh Nguyệt")


@pytest.mark.parametrize("query", ["Nguyết", "hoa", "Lé"])
def test_a_word_typed_with_marks_finds_that_spelling_only(query: str) -> None:
    assert not matches(query, "Lê Thị Minh Nguyệt")


def test_lists_go_by_given_name_first() -> None:
    names = ["Cao Thị Bình", "Lê Văn An", "Phạm Bảo Ân", "Đỗ Ái", "Nguyễn Văn An"]
    assert sorted(names, key=given_name_first) == [
        "Đỗ Ái",
        "Lê Văn An",
        "Nguyễn Văn An",
        "Phạm Bảo Ân",
        "Cao Thị Bình",
    ]


def test_tones_follow_the_dictionary_and_only_break_ties() -> None:
    tones = ["mạ", "má", "mã", "mả", "mà", "ma", "mang", "mắ"]
    assert sorted(tones, key=alphabetical) == ["ma", "mà", "mả", "mã", "má", "mạ", "mang", "mắ"]


def test_d_with_a_bar_comes_after_d() -> None:
    assert sorted(["Đăng", "Dũng", "Em", "Cường"], key=given_name_first) == ["Cường", "Dũng", "Đăng", "Em"]


def test_a_name_loses_direction_marks_and_doubled_spaces() -> None:
    assert clean("  Lê\u202e  Thị\u200b\tNguyệt\n") == "Lê Thị Nguyệt"
