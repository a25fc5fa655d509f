"""The register's verbs: list, read and keep rooms, each by whom it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from server.db import Database
from server.errors import NotFound
from server.http import Visitor
from server.people.accounts import Administrator
from server.people.organisation import Organisation
from server.people.rooms import store
from server.people.rooms.rooms import Room, must_draw, must_read, tidied
from server.people.store import directory


def asking(by: Visitor) -> Administrator:
    """Who asks, with the offices held outside any meeting: whoever came into one meeting only has none."""
    return Administrator(by.person, by.unit, frozenset() if by.only_meeting else by.offices)


class Rooms:
    """All rooms of the house."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def listed(self, by: Visitor) -> list[Room]:
        """Every room by name, for those who prepare meetings or look after rooms."""
        must_read(asking(by))
        async with self.db.reading() as connection:
            return await store.all_rooms(connection)

    async def room(self, identifier: str) -> Room:
        """One room. `NotFound("room.unknown")`."""
        async with self.db.reading() as connection:
            found = await store.room_of(connection, identifier)
        if found is None:
            raise NotFound("room.unknown")
        return found

    async def keep(self, by: Visitor, room: Room) -> Room:
        """Add a room, or draw it anew; the room as it was kept. Meetings keep the plan they were given."""
        kept = tidied(room)
        async with self.db.writing() as connection:
            before = await store.room_of(connection, kept.id)
            must_draw(asking(by), *filter(None, (before, kept)))
            Organisation(await directory.all_units(connection)).get(kept.unit)
            await store.keep_rooms(connection, self.db, [kept])
        return kept

    async def bring_in(self, rooms: Sequence[Room]) -> None:
        """Add or replace rooms from elsewhere: demo data, or the operator's."""
        async with self.db.writing() as connection:
            await store.keep_rooms(connection, self.db, [tidied(room) for room in rooms])
