"""A room to meet in ("phòng họp") with its plan; who may change it. Pure."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from server import floorplan
from server.errors import Forbidden, Invalid
from server.floorplan import FloorPlan
from server.people.accounts import Administrator
from server.people.names import clean

ROOM_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
READERS = frozenset({"system", "unit", "secretary", "chair", "technician"})

Line = Annotated[str, Meta(max_length=200)]


class Room(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One room. `id` is its name in meetings and on tablets, so it never changes."""

    id: str
    unit: str
    name: Line
    place: Line = ""
    """Where it is: building, floor."""
    plan: FloorPlan = FloorPlan(1, 1)
    retired: bool = False
    """Out of use: not offered to new meetings."""


def tidied(room: Room) -> Room:
    """The room as it is kept. `Invalid`: "room.id_form", "room.name_missing", and those of `floorplan.tidied`."""
    if not ROOM_ID.fullmatch(room.id):
        raise Invalid("room.id_form")
    name = clean(room.name)
    if not name:
        raise Invalid("room.name_missing")
    seats = tuple(replace(seat, label=clean(seat.label)) for seat in room.plan.seats)
    plan = floorplan.tidied(replace(room.plan, seats=seats))
    return replace(room, name=name, place=clean(room.place), plan=plan)


def must_read(by: Administrator) -> None:
    """The register is for those who prepare meetings and look after rooms; else `Forbidden("office.needed")`."""
    if not by.offices & READERS:
        raise Forbidden("office.needed")


def must_draw(by: Administrator, *rooms: Room) -> None:
    """The system's administrator draws every room, a unit's those of the unit; else `Forbidden("office.needed")`."""
    for room in rooms:
        by.must_administer(room.unit)


def must_furnish(by: Administrator, room: Room) -> None:
    """Whoever may draw a room puts tablets on its seats, and so does every technician on duty."""
    if "technician" not in by.offices:
        must_draw(by, room)
