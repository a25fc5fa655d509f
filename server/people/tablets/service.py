"""Shared tablets: bound to a seat of a room once, used by whoever sits there for one meeting, empty afterwards."""

from __future__ import annotations

import msgspec

from server.clock import Clock, Millis
from server.db import Database
from server.errors import NotFound, Refused, Unauthorized
from server.http import Visitor
from server.people import invitations
from server.people.doors import Doors, Entered, Knock
from server.people.invitations import Invitation
from server.people.rooms.rooms import Room, must_furnish
from server.people.rooms.service import Rooms, asking
from server.people.secondfactor import qr_svg
from server.people.sessions import HOUR, MINUTE, TryLimit, network_of
from server.people.sessions import token_hash as hash_of
from server.people.store import door
from server.people.tablets import store
from server.people.tablets.bound import KIND, Tablet
from server.people.tablets.pins import Pins
from server.people.tries import Tries

CODE_LIVES: Millis = 8 * HOUR
"""A technician goes round the hall with it once."""
TRIES = 30
"""Codes tried from one address within a quarter of an hour: a hall's tablets share an address."""


class BindingCode(msgspec.Struct, frozen=True):
    """By which tablets are bound to a room's seats, as it is shown to the technician."""

    code: str
    expires: Millis
    path: str
    """The page to open on each tablet; the code stands behind the `#`."""
    qr: str


class Sitter(msgspec.Struct, frozen=True):
    """Who sits down, as the meeting knows them."""

    meeting: str
    person: str
    name: str
    unit: str
    expires: Millis


class Tablets:
    """All shared tablets of the house."""

    def __init__(self, doors: Doors, rooms: Rooms, pins: Pins, public_url: str = "") -> None:
        self.doors = doors
        self.rooms = rooms
        self.pins = pins
        self.db: Database = doors.db
        self.clock: Clock = doors.clock
        self._public_url = public_url.rstrip("/")
        self._tries = Tries(self.db, self.clock)

    # Furnishing a room ------------------------------------------------------------------------------------------

    async def code(self, by: Visitor, room_id: str, origin: str) -> BindingCode:
        """A fresh code for a room; the one before ends. For whoever looks after the room's tablets."""
        room = await self._furnished(by, room_id)
        expires = self.clock.now() + CODE_LIVES
        code = invitations.code_of(f"{self.clock.fresh_id()}{self.clock.secret()}")
        async with self.db.writing() as connection:
            row = {"room": room.id, "expires": expires, "by": by.person}
            await store.keep_code(connection, self.db, hash_of(code), **row)
        path = f"{self._public_url or origin}/gan-may#{code}"
        return BindingCode(invitations.written(code), expires, path, qr_svg(path))

    async def listed(self, by: Visitor, room_id: str) -> list[Tablet]:
        """The tablets of a room, for whoever looks after them."""
        room = await self._furnished(by, room_id)
        async with self.db.reading() as connection:
            return await store.tablets_of(connection, room.id)

    async def unbind(self, by: Visitor, identifier: str) -> None:
        """A tablet is no seat's any more: whoever sits there has to leave. `NotFound("tablet.unknown")`."""
        async with self.db.reading() as connection:
            tablet = await store.tablet_of(connection, identifier)
        if tablet is None:
            raise NotFound("tablet.unknown")
        await self._furnished(by, tablet.room)
        async with self.db.writing() as connection:
            await store.drop_tablet(connection, identifier)
        await self._leaves(tablet, "unbound")

    async def _furnished(self, by: Visitor, room_id: str) -> Room:
        room = await self.rooms.room(room_id)
        must_furnish(asking(by), room)
        return room

    async def opened(self, code: str, knock: Knock) -> tuple[Room, frozenset[str]]:
        """The room a code is for, and the seats that have a tablet. `Unauthorized("tablet.code_refused")`."""
        room, _ = await self._by_code(code, knock)
        async with self.db.reading() as connection:
            bound = await store.tablets_of(connection, room.id)
        return room, frozenset(tablet.seat for tablet in bound)

    async def bind(self, code: str, seat: str, knock: Knock) -> tuple[str, Tablet]:
        """This device is that seat's from now on; the first value is its secret. `Refused("tablet.no_such_seat")`."""
        room, by = await self._by_code(code, knock)
        if seat not in room.plan.labels():
            raise Refused("tablet.no_such_seat", seat=seat)
        token = self.clock.secret()
        fresh = Tablet(self.clock.fresh_id(), room.id, seat, self.clock.now(), by, knock.agent[:200])
        async with self.db.writing() as connection:
            before = [one for one in await store.tablets_of(connection, room.id) if one.seat == seat]
            await store.keep_tablet(connection, self.db, fresh, hash_of(token))
            await self.doors.note(connection, "", "tablet_bound", knock, by=by)
        for tablet in before:
            await self._leaves(tablet, "unbound")
        return token, fresh

    async def _by_code(self, code: str, knock: Knock) -> tuple[Room, str]:
        limits = [TryLimit(hash_of(f"tablet code from {network_of(knock.address)}"), TRIES, 15 * MINUTE)]
        await self._tries.count(limits)
        async with self.db.reading() as connection:
            found = await store.room_by_code(connection, hash_of(invitations.typed(code)), self.clock.now())
        if found is None:
            raise Unauthorized("tablet.code_refused")
        await self._tries.forgive(limits)
        return await self.rooms.room(found[0]), found[1]

    # Sitting down, and standing up ------------------------------------------------------------------------------

    async def identify(self, token: str) -> Tablet:
        """The tablet with this secret; `NotFound("tablet.unknown")` when it is bound no more."""
        async with self.db.reading() as connection:
            found = await store.tablet_by_token(connection, hash_of(token)) if token else None
        if found is None:
            raise NotFound("tablet.unknown")
        return found

    async def sit_down(self, tablet: Tablet, sitter: Sitter, pin: str, knock: Knock) -> Entered:
        """Somebody identifies themselves: the tablet is theirs in this meeting, and nobody else's any more.

        Raises `Unauthorized("pin.refused")`, `TooMany("signin.too_often")`.
        """
        await self.pins.prove(sitter.person, pin, knock, tablet.id)
        await self._leaves(tablet, "replaced")
        now, fresh = self.clock.now(), self.clock.fresh_id()
        kept = Invitation(
            fresh, sitter.meeting, KIND, sitter.person, sitter.name, sitter.unit, now, expires=sitter.expires
        )
        async with self.db.writing() as connection:
            # The code is told to nobody: one comes in here by the PIN alone.
            await door.add_invitation(connection, kept, hash_of(f"{fresh}{self.clock.secret()}"))
            entered = await self.doors.open(connection, sitter.person, knock, invitation=fresh)
            await self.doors.note(connection, sitter.person, "seated", knock, by=tablet.id)
            used = {"used_at": now, "used_by": sitter.person, "holds": fresh}
            await store.change_tablet(connection, tablet.id, **used)
        await self.doors.close_previous(knock)
        return entered

    async def wipe(self, meeting: str) -> int:
        """The meeting is over: everybody at a shared tablet has left it; how many there were."""
        async with self.db.writing() as connection:
            left = await store.leave_seats(connection, meeting)
            inside = await door.sessions_by_invitations(connection, left)
        await self.doors.end(inside, "wiped")
        return len(inside)

    async def meetings(self) -> set[str]:
        """The meetings in which somebody may sit at a shared tablet."""
        async with self.db.reading() as connection:
            return await store.meetings_with_seats(connection, self.clock.now())

    async def _leaves(self, tablet: Tablet, what: str) -> None:
        if not tablet.holds:
            return
        async with self.db.writing() as connection:
            await store.leave_seat(connection, tablet.holds)
            inside = await door.sessions_by_invitations(connection, [tablet.holds])
        await self.doors.end(inside, what)
