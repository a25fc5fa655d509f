from __future__ import annotations

import random

import pytest

from server.errors import NotFound, Refused
from server.people.organisation import Organisation, Unit


def test_siblings_stand_in_protocol_order_and_parents_before_children() -> None:
    organisation = Organisation(
        [
            Unit("b2", "Sở Y tế", parent="b", order=2),
            Unit("b", "Ủy ban", parent="r", order=2),
            Unit("a", "Hội đồng", parent="r", order=1),
            Unit("b1", "Sở Nội vụ", parent="b", order=1),
            Unit("r", "Tỉnh"),
        ]
    )
    assert [unit.id for unit in organisation.in_protocol_order()] == ["r", "a", "b", "b1", "b2"]
    assert [unit.id for unit in organisation.path("b1")] == ["r", "b", "b1"]
    assert organisation.beneath("b") == {"b", "b1", "b2"}
    assert organisation.place("b1") < organisation.place("b2") < organisation.place("gone")


def test_equal_places_go_by_the_vietnamese_alphabet() -> None:
    organisation = Organisation([Unit("1", "Xã Đại An"), Unit("2", "Xã Dương Hà"), Unit("3", "Xã An Bình")])
    assert [unit.name for unit in organisation.children("")] == ["Xã An Bình", "Xã Dương Hà", "Xã Đại An"]


def test_a_unit_cannot_be_above_itself() -> None:
    with pytest.raises(Refused, match=r"unit\.cycle"):
        Organisation([Unit("r", "Tỉnh"), Unit("a", "A", parent="b"), Unit("b", "B", parent="a")])


def test_a_parent_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused, match=r"unit\.parent_unknown") as refusal:
        Organisation([Unit("a", "A", parent="nowhere")])
    assert refusal.value.details == {"unit": "a", "parent": "nowhere"}


def test_one_id_stands_for_one_unit() -> None:
    with pytest.raises(Refused, match=r"unit\.duplicate"):
        Organisation([Unit("a", "A"), Unit("a", "B")])


def test_an_unknown_unit_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"unit\.unknown"):
        Organisation([]).get("a")


def test_a_tree_of_two_thousand_levels_is_walked() -> None:
    units = [Unit(str(n), f"Cấp {n}", parent=str(n - 1) if n else "") for n in range(2000)]
    random.Random(7).shuffle(units)
    organisation = Organisation(units)
    assert [unit.id for unit in organisation.in_protocol_order()] == [str(n) for n in range(2000)]
    assert len(organisation.path("1999")) == 2000
