"""The register of rooms: who may draw which, and what a room must be."""

from __future__ import annotations

import msgspec
import pytest

from server.errors import Forbidden, Invalid, NotFound
from server.floorplan import FloorPlan, drawn
from server.http import Visitor
from server.people.rooms.rooms import Room
from server.people.rooms.service import Rooms
from tests.people.house import House

HALL = Room("hoi-truong", "ubnd", "Hội trường lớn", "Nhà A, tầng 2", drawn("rows", 40, 8, 5))


def visitor(unit: str, *offices: str, only_meeting: str = "") -> Visitor:
    return Visitor("ai-do", "s", "Ai đó", unit, frozenset(offices), only_meeting)


async def test_a_room_is_kept_drawn_anew_and_listed_by_name(house: House) -> None:
    rooms, admin = Rooms(house.db), visitor("ubnd", "system")
    await rooms.keep(admin, HALL)
    await rooms.keep(admin, msgspec.structs.replace(HALL, id="phong-1", name="  Phòng họp số 1 "))
    kept = await rooms.keep(admin, msgspec.structs.replace(HALL, plan=drawn("u", 24, 6)))
    assert [room.name for room in await rooms.listed(visitor("so-yt", "secretary"))] == [HALL.name, "Phòng họp số 1"]
    assert await rooms.room("hoi-truong") == kept


@pytest.mark.parametrize(
    "by",
    [
        visitor("ubnd", "secretary"),
        visitor("so-yt", "unit"),
        visitor("ubnd", "technician"),
        visitor("ubnd", "system", only_meeting="m-1"),
    ],
    ids=["secretary", "another unit", "technician", "only one meeting"],
)
async def test_others_do_not_draw_rooms(house: House, by: Visitor) -> None:
    with pytest.raises(Forbidden, match=r"office\.needed"):
        await Rooms(house.db).keep(by, HALL)


async def test_a_units_administrator_draws_its_rooms_and_gives_none_away(house: House) -> None:
    rooms, own = Rooms(house.db), visitor("ubnd", "unit")
    await rooms.keep(own, HALL)
    with pytest.raises(Forbidden):
        await rooms.keep(own, msgspec.structs.replace(HALL, unit="so-yt"))
    with pytest.raises(Forbidden):
        await rooms.listed(visitor("so-yt"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "Hội trường"}, "room.id_form"),
        ({"name": " "}, "room.name_missing"),
        ({"plan": FloorPlan(1, 1)}, "plan.no_seats"),
    ],
)
async def test_a_room_that_is_none_is_refused(house: House, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        await Rooms(house.db).keep(visitor("", "system"), msgspec.structs.replace(HALL, **changes))


async def test_a_room_nobody_knows_is_not_found(house: House) -> None:
    with pytest.raises(NotFound, match=r"room\.unknown"):
        await Rooms(house.db).room("khong-co")
