from __future__ import annotations

import pytest

from server.people.organisation import Organisation, Unit
from server.people.positions import UNRANKED, Person, in_precedence_order, precedence_of

ORGANISATION = Organisation([Unit("a", "Sở Nội vụ", order=1), Unit("b", "Sở Y tế", order=2)])


def test_the_longest_title_wins() -> None:
    ranks = [precedence_of(title) for title in ("Chủ tịch UBND tỉnh", "Phó Chủ tịch UBND tỉnh", "Giám đốc Sở Y tế")]
    assert ranks == sorted(ranks)
    assert precedence_of("Phó Giám đốc Sở Y tế") > precedence_of("Giám đốc Sở Y tế")
    assert precedence_of("chủ tịch ubnd tỉnh") == precedence_of("Chủ tịch UBND tỉnh")


@pytest.mark.parametrize("title", ["", "Cố vấn", "Giám đốcx"])
def test_a_title_outside_the_catalogue_has_no_rank(title: str) -> None:
    assert precedence_of(title) == UNRANKED


def test_people_go_by_precedence_then_unit_then_given_name() -> None:
    people = [
        Person("1", "b", "Trần Văn An", precedence=120),
        Person("2", "a", "Lê Thị Yến", precedence=120),
        Person("3", "a", "Vũ Bá Bình", precedence=120),
        Person("4", "b", "Phạm Đức Zung", precedence=40),
        Person("5", "gone", "Ai Ai", precedence=120),
    ]
    assert [person.id for person in in_precedence_order(people, ORGANISATION)] == ["4", "3", "2", "1", "5"]
