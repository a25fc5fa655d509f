"""Where the paragraphs of a draft are in its newer version."""

from __future__ import annotations

from server.documents.passages import Passage
from server.joints.opinions.following import followed

TEXTS = (
    "Điều 1. Phạm vi điều chỉnh",
    "Quyết định này quy định mức hỗ trợ di dời dân cư ra khỏi vùng có nguy cơ cao.",
    "Điều 2. Mức hỗ trợ",
    "1. Mức hỗ trợ là 50 triệu đồng cho mỗi hộ nghèo phải di dời trong năm 2026.",
    "2. Mức hỗ trợ là 30 triệu đồng cho mỗi hộ còn lại phải di dời trong năm 2026.",
    "Điều 3. Hiệu lực thi hành kể từ ngày ký.",
)


def draft(*texts: str) -> tuple[Passage, ...]:
    return tuple(Passage(number, 1, "", text) for number, text in enumerate(texts, 1))


def where(*texts: str) -> dict[int, int]:
    return {number: passage.number for number, passage in followed(draft(*TEXTS), draft(*texts)).items()}


def test_each_paragraph_of_the_same_draft_is_where_it_was() -> None:
    assert where(*TEXTS) == {number: number for number in range(1, 7)}


def test_what_comes_before_moves_the_rest_and_what_is_taken_out_is_nowhere() -> None:
    newer = ("Căn cứ Luật Tổ chức chính quyền địa phương;", *TEXTS[:3], *TEXTS[4:])
    assert where(*newer) == {1: 2, 2: 3, 3: 4, 5: 5, 6: 6}


def test_a_paragraph_in_a_few_other_words_is_found_and_one_in_all_others_is_not() -> None:
    reworded = TEXTS[3].replace("50 triệu", "55 triệu")
    other = "Tổ chức, cá nhân có liên quan chịu trách nhiệm thi hành."
    found = where(*TEXTS[:3], reworded, other, TEXTS[5])
    assert found[4] == 4 and 5 not in found


def test_paragraphs_that_change_places_are_followed() -> None:
    assert where(*TEXTS[3:5], *TEXTS[:3], TEXTS[5])[4] == 1


def test_a_version_without_text_has_none_of_them() -> None:
    assert followed(draft(*TEXTS), ()) == {} and followed((), draft(*TEXTS)) == {}
