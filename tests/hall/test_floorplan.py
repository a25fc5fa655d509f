"""Rooms as they are drawn: seats in order of honour, every name once, nothing outside."""

from __future__ import annotations

import pytest

from server.errors import Invalid
from server.floorplan import SEAT, FloorPlan, Furniture, Seat, Shape, drawn, tidied

ROOMS: list[tuple[Shape, int, int, int]] = [
    ("u", 1, 5, 0),
    ("u", 24, 6, 0),
    ("u", 31, 5, 0),
    ("rows", 40, 8, 5),
    ("rows", 3, 5, 0),
    ("rows", 600, 20, 7),
    ("round", 1, 1, 0),
    ("round", 2, 1, 0),
    ("round", 30, 1, 0),
]


@pytest.mark.parametrize(("shape", "seats", "abreast", "platform"), ROOMS)
def test_a_given_shape_has_all_its_seats_apart_and_within(
    shape: Shape, seats: int, abreast: int, platform: int
) -> None:
    plan = drawn(shape, seats, abreast, platform)
    assert len(set(plan.labels())) == seats == len({(seat.x, seat.y) for seat in plan.seats})
    assert all(seat.x + SEAT <= plan.width and seat.y + SEAT <= plan.height for seat in plan.seats)
    assert all(table.x + table.width <= plan.width for table in plan.tables)
    assert tidied(plan) == plan


def test_at_a_u_the_middle_of_the_head_is_first_then_its_right_hand_then_its_left() -> None:
    plan = drawn("u", 9, 3)
    head = [seat for seat in plan.seats if seat.y == 0]
    assert [seat.label for seat in head] == ["1", "2", "3"]
    assert head[1].x < head[0].x < head[2].x
    fourth, fifth = plan.seats[3:5]
    assert (fourth.x, fifth.x, fourth.y) == (0, plan.width - SEAT, fifth.y)


def test_in_a_hall_those_who_face_the_rows_come_before_the_first_row() -> None:
    labels = drawn("rows", 12, 4, 3).labels()
    assert labels[:5] == ["CT1", "CT2", "CT3", "A3", "A2"]
    assert labels[-1] == "C1"


def test_rows_after_the_twenty_sixth_have_two_letters() -> None:
    assert drawn("rows", 54, 2).labels()[-1].startswith("AA")


def test_around_a_table_the_second_sits_at_the_right_hand_of_the_first() -> None:
    first, second, third = drawn("round", 12, 1).seats[:3]
    assert second.x < first.x < third.x


@pytest.mark.parametrize(("seats", "abreast"), [(0, 5), (601, 5), (10, 0), (10, 51), (400, 1)])
def test_a_room_beyond_any_measure_is_refused(seats: int, abreast: int) -> None:
    with pytest.raises(Invalid, match=r"plan\.too_many"):
        drawn("rows", seats, abreast)


def test_a_plan_drawn_by_hand_is_moved_into_its_corner() -> None:
    plan = tidied(FloorPlan(400, 400, (Seat("1", 40, 60), Seat("2", 48, 60)), (Furniture(40, 64, 12, 4),)))
    assert (plan.width, plan.height, plan.seats[0], plan.tables[0].y) == (12, 8, Seat("1", 0, 0), 4)


@pytest.mark.parametrize(
    ("seats", "code"),
    [
        ((), "plan.no_seats"),
        ((Seat("1", 0, 0), Seat("1", 4, 0)), "plan.label_twice"),
        ((Seat(" 1", 0, 0),), "plan.label_twice"),
        ((Seat("1", 0, 0), Seat("2", 0, 0)), "plan.seats_overlap"),
    ],
)
def test_a_plan_that_cannot_be_sat_by_is_refused(seats: tuple[Seat, ...], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        tidied(FloorPlan(10, 10, seats))
