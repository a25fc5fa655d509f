"""The plan of a room: its seats in order of honour, and its tables. Pure.

Lengths are quarters of a seat, from the upper left corner; whoever presides sits at the upper edge and looks down.
The first seat of a plan is the first in honour, so that people by precedence and seats by honour meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from server.errors import Invalid

SEAT = 4
"""A seat is a square of so many units."""
MOST_SEATS = 600
LARGEST = 480
MOST_ABREAST = 50

Length = Annotated[int, Meta(ge=0, le=LARGEST)]
Label = Annotated[str, Meta(min_length=1, max_length=12)]
Shape = Literal["u", "rows", "round"]
"""Chữ U, hội trường dãy, bàn tròn."""


class Seat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place to sit, by the name on its plate ("12", "B4")."""

    label: Label
    x: Length
    y: Length


class Furniture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table."""

    x: Length
    y: Length
    width: Annotated[int, Meta(ge=1, le=LARGEST)]
    height: Annotated[int, Meta(ge=1, le=LARGEST)]
    round: bool = False


class FloorPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A room as it is drawn."""

    width: Annotated[int, Meta(ge=1, le=LARGEST)]
    height: Annotated[int, Meta(ge=1, le=LARGEST)]
    seats: Annotated[tuple[Seat, ...], Meta(max_length=MOST_SEATS)] = ()
    """In order of honour."""
    tables: Annotated[tuple[Furniture, ...], Meta(max_length=200)] = ()

    def labels(self) -> list[str]:
        """The seats' names, in order of honour."""
        return [seat.label for seat in self.seats]


def tidied(plan: FloorPlan) -> FloorPlan:
    """The plan as it is kept, just large enough.

    `Invalid`: "plan.no_seats", "plan.label_twice", "plan.seats_overlap".
    """
    if not plan.seats:
        raise Invalid("plan.no_seats")
    seen: set[str] = set()
    for seat in plan.seats:
        if seat.label.strip() != seat.label or seat.label in seen:
            raise Invalid("plan.label_twice", seat=seat.label)
        seen.add(seat.label)
    taken: dict[tuple[int, int], str] = {}
    for seat in plan.seats:
        other = taken.setdefault((seat.x, seat.y), seat.label)
        if other != seat.label:
            raise Invalid("plan.seats_overlap", seat=seat.label, other=other)
    return _fitted(plan.seats, plan.tables)


def drawn(shape: Shape, seats: int, abreast: int, platform: int = 0) -> FloorPlan:
    """A usual room with so many seats: `abreast` sit at the head of a U, or in one row of a hall.

    `platform` of a hall's seats face the rows ("chủ tịch đoàn"). `Invalid("plan.too_many")` beyond what a plan holds.
    """
    if not 1 <= seats <= MOST_SEATS or not 1 <= abreast <= MOST_ABREAST or not 0 <= platform <= MOST_ABREAST:
        raise Invalid("plan.too_many", most=MOST_SEATS)
    if shape == "rows":
        plan = _rows(seats - min(seats, platform), abreast, min(seats, platform))
    else:
        plan = _u(seats, min(seats, abreast)) if shape == "u" else _round(seats)
    if plan.width > LARGEST or plan.height > LARGEST:
        raise Invalid("plan.too_many", most=MOST_SEATS)
    return plan


def _u(seats: int, head: int) -> FloorPlan:
    """The head at the top, two arms below; both from the chair outwards, the right hand first."""
    right, left = (seats - head + 1) // 2, (seats - head) // 2
    width, deep = SEAT * (head + 4), SEAT * 2
    at_head = [(SEAT * (2 + place), 0) for place in _from_the_middle(head)]
    arms = [[(0, deep + SEAT * n) for n in range(right)], [(width - SEAT, deep + SEAT * n) for n in range(left)]]
    in_turn = [spot for n in range(right) for arm in arms for spot in arm[n : n + 1]]
    tables = [Furniture(SEAT, SEAT, width - 2 * SEAT, SEAT)]
    sides = ((SEAT, right), (width - 2 * SEAT, left))
    tables += [Furniture(x, deep, SEAT, SEAT * count) for x, count in sides if count]
    return _fitted(_numbered(at_head + in_turn), tables)


def _rows(seats: int, abreast: int, platform: int) -> FloorPlan:
    """Rows A, B, C … with an aisle in their middle, behind a table whose seats face them: the middle comes first."""
    aisle, left = (SEAT if abreast >= 6 else 0), abreast // 2
    width = max(SEAT * abreast + aisle, SEAT * platform)
    from_left = (width - SEAT * abreast - aisle) // 2

    def across(place: int) -> int:
        return from_left + SEAT * place + (aisle if place >= left else 0)

    facing = (width - SEAT * platform) // 2
    found = [Seat(f"CT{n}", facing + SEAT * place, 0) for n, place in enumerate(_from_the_middle(platform), 1)]
    for row in range(-(-seats // abreast)):
        many = min(abreast, seats - row * abreast)
        start, y = (abreast - many) // 2, SEAT * 3 + row * (SEAT + SEAT // 2)
        found += [Seat(f"{_letters(row)}{n + 1}", across(start + n), y) for n in _from_the_middle(many)]
    long = min(width, SEAT * max(6, platform))
    return _fitted(found, [Furniture((width - long) // 2, SEAT, long, SEAT)])


def _round(seats: int) -> FloorPlan:
    """Around one table, from the top on both sides."""
    radius = max(SEAT * 1.6, seats * SEAT * 1.15 / math.tau)
    order = sorted(range(seats), key=lambda n: (min(n, seats - n), n < seats - n))
    spots = [(n / seats * math.tau, n) for n in order]
    places = [(round(radius * (1 + math.sin(a))), round(radius * (1 - math.cos(a)))) for a, _ in spots]
    across = round(2 * (radius - SEAT * 0.75))
    table = Furniture(
        round(radius + SEAT / 2 - across / 2), round(radius + SEAT / 2 - across / 2), across, across, True
    )
    return _fitted(_numbered(places), [table])


def _from_the_middle(count: int) -> list[int]:
    """Places from left to right as they come in honour: the middle, its right hand (our left), its left hand, …"""
    middle = (count - 1) // 2 if count % 2 else count // 2
    return sorted(range(count), key=lambda place: (abs(place - middle), place > middle))


def _numbered(spots: Iterable[tuple[int, int]]) -> list[Seat]:
    return [Seat(str(number), x, y) for number, (x, y) in enumerate(spots, start=1)]


def _letters(row: int) -> str:
    return chr(ord("A") + row) if row < 26 else _letters(row // 26 - 1) + _letters(row % 26)


def _fitted(seats: Iterable[Seat], tables: Iterable[Furniture]) -> FloorPlan:
    """The plan moved into its corner, without empty margins."""
    kept, under = tuple(seats), tuple(tables)
    left = min([one.x for one in kept] + [one.x for one in under])
    top = min([one.y for one in kept] + [one.y for one in under])
    moved = tuple(replace(one, x=one.x - left, y=one.y - top) for one in kept)
    tables_moved = tuple(replace(one, x=one.x - left, y=one.y - top) for one in under)
    right = max([one.x + SEAT for one in moved] + [one.x + one.width for one in tables_moved])
    bottom = max([one.y + SEAT for one in moved] + [one.y + one.height for one in tables_moved])
    return FloorPlan(right, bottom, moved, tables_moved)
