"""The register's rooms as meetings know them."""

from __future__ import annotations

from server.errors import NotFound
from server.meetings.acts import RoomPlan
from server.meetings.service import Rooms as Asked
from server.people.rooms.service import Rooms


def plans(rooms: Rooms) -> Asked:
    """The plan of a room; none of one that is out of use or was never there."""

    async def plan_of(identifier: str) -> RoomPlan | None:
        try:
            room = await rooms.room(identifier)
        except NotFound:
            return None
        return None if room.retired else RoomPlan(room.name, room.plan)

    return plan_of
