"""Many people from one file: looked at first, then kept as a whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from server.db import Connection
from server.errors import Conflict, Forbidden, Refused
from server.http import Visitor
from server.people.accounts import Account
from server.people.administration import sheets, store, templates
from server.people.administration.rosters import PERSON_FIELDS, Known, Planner, Roster, Row, roster_of
from server.people.administration.service import administrator_of
from server.people.administration.tables import digest_of
from server.people.changes import differences
from server.people.doors import Doors, Knock
from server.people.organisation import Organisation
from server.people.service import People
from server.people.store import directory
from server.people.traces import Trace, details_of, write_down


class Preview(msgspec.Struct, frozen=True):
    """What keeping a file would do."""

    rows: list[Row]
    unread: list[str]
    """Heads of columns nobody reads."""
    digest: str
    """Shown again to keep exactly this."""


class Handed(msgspec.Struct, frozen=True):
    """A password to hand over, good for one sign-in."""

    name: str
    unit: str
    username: str
    password: str


class Imported(msgspec.Struct, frozen=True):
    """What was kept."""

    created: int
    changed: int
    passwords: list[Handed]


class Importing:
    """Reads lists of people, says what they would change, and keeps what was looked at."""

    def __init__(self, people: People, doors: Doors) -> None:
        self._db = people.db
        self._clock = people.clock
        self._people = people
        self._doors = doors

    async def template(self, by: Visitor) -> bytes:
        """A workbook to fill in, with the units one may write. `Forbidden("office.needed")`."""
        administrator = administrator_of(by)
        units = [unit for unit in await self._people.units() if not unit.retired and administrator.may_see(unit.id)]
        return await asyncio.to_thread(templates.people_template, units)

    async def preview(self, by: Visitor, content: bytes, opening: bool = False) -> Preview:
        """What keeping this file would do; nothing is written. `opening`: with an account for everybody.

        Raises `Forbidden("office.needed")` and what `sheets.read_rows` and `roster_of` raise.
        """
        administrator_of(by)
        roster = await _read(content, opening)
        async with self._db.reading() as connection:
            rows = await self._looked_at(connection, by, roster)
        return Preview(rows, roster.unread, digest_of(rows))

    async def keep(self, by: Visitor, content: bytes, digest: str, knock: Knock, opening: bool = False) -> Imported:
        """Keep what `preview` said under this digest: all of it, in one transaction.

        Raises `Refused("roster.wrong_rows")`, `Conflict("roster.changed")` when something else would be kept by now.
        """
        administrator_of(by)
        roster = await _read(content, opening)
        async with self._db.reading() as connection:
            seen = await self._planned(connection, by, roster, digest)
        # Hashing takes its time, and nobody else may write meanwhile where one file is the database.
        passwords = {row.number: await self._password() for row in seen if row.opens}
        async with self._db.writing() as connection:
            await directory.hold(connection, self._db)  # two who keep the same list would both find nobody there
            await must_still_be(connection, by)
            rows = await self._planned(connection, by, roster, digest)
            moved = await self._moved_administrators(connection, rows)
            handed = [await self._write(connection, by, row, passwords, knock) for row in rows if row.what != "same"]
            counts = {what: sum(row.what == what for row in rows) for what in ("create", "change")}
            await write_down(connection, self._clock, Trace("", "imported", by.person, details_of(counts)), knock)
        for row in rows:
            self._doors.forget_person(row.kept.id if row.kept else "")
        for person in moved:  # as when one is moved by hand: open lines would go on as the old unit's
            await self._doors.end_all(person)
        return Imported(counts["create"], counts["change"], [one for one in handed if one is not None])

    async def _planned(self, connection: Connection, by: Visitor, roster: Roster, digest: str) -> list[Row]:
        rows = await self._looked_at(connection, by, roster)
        wrong = sum(row.what == "wrong" for row in rows)
        if wrong:
            raise Refused("roster.wrong_rows", count=wrong)
        if digest_of(rows) != digest:
            raise Conflict("roster.changed")
        return rows

    async def _looked_at(self, connection: Connection, by: Visitor, roster: Roster) -> list[Row]:
        known = Known(
            Organisation(await directory.all_units(connection)),
            await directory.find_people(connection, [], ""),
            await store.usernames(connection),
            await store.holders(connection, "system"),
        )
        return Planner(administrator_of(by), known).rows(roster)

    async def _password(self) -> tuple[str, str]:
        password = self._people.fresh_password()
        return password, await self._people.hashed(password)

    async def _moved_administrators(self, connection: Connection, rows: Sequence[Row]) -> list[str]:
        """Administrators of a unit who go to another one."""
        moved = {row.kept.id for row in rows if row.kept and "unit" in row.changes}
        return sorted(moved & await store.holders(connection, "unit"))

    async def _write(
        self, connection: Connection, by: Visitor, row: Row, passwords: dict[int, tuple[str, str]], knock: Knock
    ) -> Handed | None:
        """One row; the password to hand over where an account was opened."""
        assert row.kept is not None
        person = row.kept if row.kept.id else replace(row.kept, id=self._clock.fresh_id())
        await directory.keep_people(connection, self._db, [person])
        details = row.changes or differences(None, person, *PERSON_FIELDS)
        if row.what == "create" and row.opens:
            details |= {"username": ["", row.username]}
        what = "person_added" if row.what == "create" else "changed"
        await write_down(connection, self._clock, Trace(person.id, what, by.person, details_of(details)), knock)
        if not row.opens:
            return None
        password, hashed = passwords[row.number]
        await directory.keep_account(connection, self._db, Account(person.id, row.username, hashed, must_change=True))
        return Handed(person.name, row.unit, row.username, password)


async def must_still_be(connection: Connection, by: Visitor) -> None:
    """Since the file was looked at, whoever asked may have lost their account or their office."""
    account = await directory.account_of(connection, by.person, for_change=True)
    if account is None or account.disabled or not by.offices <= account.offices:
        raise Forbidden("office.needed")


async def _read(content: bytes, opening: bool) -> Roster:
    roster = await asyncio.to_thread(lambda: roster_of(sheets.read_rows(content)))
    return replace(roster, opening=opening)
