"""What administrators do with people and units: the system's with all, a unit's with those of their unit."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from server.clock import Millis
from server.db import Connection
from server.errors import Conflict, Forbidden, NotFound
from server.http import Visitor
from server.people.accounts import Account, Administrator, username_of
from server.people.administration import store
from server.people.administration.changes import PersonForm, UnitForm, must_fit, person_from, unit_from
from server.people.administration.store import Wanted
from server.people.changes import differences
from server.people.doors import Doors, Knock
from server.people.names import clean, matches
from server.people.organisation import Organisation, Unit
from server.people.positions import UNRANKED, Person, in_precedence_order, precedence_of
from server.people.service import Card, People, tidied
from server.people.store import directory
from server.people.traces import Trace, details_of, write_down

MOST = 100
"""People, or lines of the record, in one answer."""
PERSON_FIELDS = ("name", "unit", "title", "precedence", "short")
UNIT_FIELDS = ("name", "short", "kind", "parent", "order", "retired")
ACTS = (
    "created",
    "imported",
    "person_added",
    "changed",
    "disabled",
    "enabled",
    "reset",
    "granted",
    "pin_set",
    "sessions_ended",
    "account_opened",
    "unit_added",
    "unit_changed",
    "units_kept",
    "units_imported",
    "tablet_bound",
)
"""What the record of administration shows; of one person it shows everything, also when they signed in."""


class Entry(msgspec.Struct, frozen=True):
    """What an administrator sees of a person."""

    id: str
    name: str
    title: str
    unit: str
    short: str
    precedence: int
    """What the person has; `UNRANKED` stands for the rank of the title in the catalogue."""
    username: str
    """Empty without an account."""
    offices: frozenset[str]
    disabled: bool
    must_change: bool
    second_factor: bool
    pin_set_at: Millis
    devices: int
    """On how many they are signed in now."""
    seen: Millis


class Found(msgspec.Struct, frozen=True):
    """People by precedence, the first of them; how many there are."""

    people: list[Entry]
    count: int


class Line(msgspec.Struct, frozen=True):
    """One line of the record, with names."""

    at: Millis
    what: str
    person: str
    person_name: str
    by: str
    by_name: str
    address: str
    details: msgspec.Raw


class Administration:
    """Reads and changes what administrators look after. Accounts' own verbs (reset, lock, offices) are `People`'s."""

    def __init__(self, people: People, doors: Doors) -> None:
        self.db = people.db
        self._clock = people.clock
        self._people = people
        self._doors = doors

    # Looking ----------------------------------------------------------------------------------------------------

    async def found(self, by: Visitor, query: str, unit: str, skip: int = 0) -> Found:
        """People by name, title or username, of a unit with all beneath it or ("") of all one looks after."""
        administrator = administrator_of(by)
        words = clean(query)[:100]
        async with self.db.reading() as connection:
            organisation = Organisation(await directory.all_units(connection))
            within = _within(administrator, organisation, unit)
            known = await directory.find_people(connection, [], "")
            usernames = await store.usernames(connection) if words else {}
            wanted = [
                person
                for person in known
                if (within is None or person.unit in within)
                and matches(words, f"{person.name} {person.title} {usernames.get(person.id, '')}")
            ]
            page = in_precedence_order(wanted, organisation)[skip : skip + MOST]
            return Found(await self._entries(connection, page), len(wanted))

    async def entry(self, by: Visitor, person: str) -> Entry:
        """One of the people one looks after. `Forbidden("office.needed")`, `NotFound("person.unknown")`."""
        async with self.db.reading() as connection:
            found = await self._person(connection, by, person)
            return (await self._entries(connection, [found]))[0]

    async def _entries(self, connection: Connection, page: Sequence[Person]) -> list[Entry]:
        ids = [person.id for person in page]
        accounts = await directory.accounts_by_person(connection, ids)
        pins = await store.pins_of(connection, ids)
        devices = await store.sessions_of(connection, ids)
        return [_entry(one, accounts.get(one.id), pins.get(one.id, 0), devices.get(one.id, (0, 0))) for one in page]

    async def record(self, by: Visitor, person: str = "", before: Millis = 1 << 53) -> list[Line]:
        """What was done, the last first: all about one person, else what administrators did."""
        administrator = administrator_of(by)
        unit = "" if "system" in administrator.offices else administrator.unit
        async with self.db.reading() as connection:
            if person:
                await self._person(connection, by, person)
            lines = await store.traces(connection, Wanted(ACTS, person, "" if person else unit, before, MOST))
            known = {line.by for line in lines} | {line.person for line in lines}
            names = {one.id: one.name for one in await directory.people_by_id(connection, known)}
        return [_line(line, names) for line in lines]

    # People -----------------------------------------------------------------------------------------------------

    async def change(self, by: Visitor, person: str, form: PersonForm, knock: Knock) -> Card:
        """Write a person anew. Meetings they are invited to keep the name and title they were invited with. A unit's
        administrator who goes to another unit signs in anew.

        Raises `Forbidden`: "office.needed", "office.not_yours_to_give"; `Invalid("person.name_missing")`,
        `NotFound`: "person.unknown", "unit.unknown"; `Refused("unit.retired")` where they would go there.
        """
        kept = tidied(person_from(form, person))
        async with self.db.writing() as connection:
            before = await self._person(connection, by, person)
            account = await directory.account_of(connection, person)
            offices = account.offices if account else frozenset[str]()
            for unit in {before.unit, kept.unit}:
                administrator_of(by).must_administer(unit, offices)
            organisation = Organisation(await directory.all_units(connection))
            if kept.unit != before.unit:
                organisation.in_use(kept.unit)
            await directory.keep_people(connection, self.db, [kept])
            details = details_of(differences(before, kept, *PERSON_FIELDS))
            await write_down(connection, self._clock, Trace(person, "changed", by.person, details), knock)
        self._doors.forget_person(person)
        if "unit" in offices and kept.unit != before.unit:  # else their open lines would go on as the old unit's
            await self._doors.end_all(person)
        return await self._people.card(person)

    async def open_account(self, by: Visitor, person: str, username: str, knock: Knock) -> str:
        """An account for somebody who has none; the password to hand over. `Conflict`: "account.there"."""
        named, password = username_of(username), self._people.fresh_password()
        hashed = await self._people.hashed(password)
        async with self.db.writing() as connection:
            await self._person(connection, by, person)
            if await directory.account_of(connection, person, for_change=True) is not None:
                raise Conflict("account.there")
            if await directory.account_named(connection, named) is not None:
                raise Conflict("username.taken", username=named)
            account = Account(person, named, hashed, must_change=True)
            await directory.keep_account(connection, self.db, account)
            details = details_of({"username": ["", named]})
            await write_down(connection, self._clock, Trace(person, "account_opened", by.person, details), knock)
        return password

    async def end_sessions(self, by: Visitor, person: str, knock: Knock) -> None:
        """Sign a person out everywhere. `Forbidden("account.own")`: one's own devices are ended by oneself."""
        if person == by.person:
            raise Forbidden("account.own")
        async with self.db.writing() as connection:
            found = await self._person(connection, by, person)
            account = await directory.account_of(connection, person)
            administrator_of(by).must_administer(found.unit, account.offices if account else frozenset())
            await write_down(connection, self._clock, Trace(person, "sessions_ended", by.person), knock)
        await self._doors.end_all(person)

    # Units ------------------------------------------------------------------------------------------------------

    async def keep_unit(self, by: Visitor, identifier: str, form: UnitForm, knock: Knock) -> Unit:
        """Add a unit (its id is made here: give ""), rename or move it, take it out of use or back.

        Raises `Forbidden("office.needed")`, `NotFound("unit.unknown")`, and what `must_fit` raises.
        """
        if "system" not in administrator_of(by).offices:
            raise Forbidden("office.needed")
        kept = unit_from(form, identifier or self._clock.fresh_id())
        async with self.db.writing() as connection:
            units = await directory.all_units(connection)
            before = Organisation(units).get(identifier) if identifier else None
            must_fit(kept, before, units, await store.open_accounts(connection, kept.id))
            await directory.keep_units(connection, self.db, [kept])
            what = "unit_changed" if before else "unit_added"
            details = {"unit": kept.id, "unit_name": kept.name, **differences(before, kept, *UNIT_FIELDS)}
            await write_down(connection, self._clock, Trace("", what, by.person, details_of(details)), knock)
        return kept

    async def _person(self, connection: Connection, by: Visitor, person: str) -> Person:
        found = await directory.people_by_id(connection, [person])
        administrator = administrator_of(by)
        if not found:
            raise NotFound("person.unknown") if "system" in by.offices else Forbidden("office.needed")
        administrator.must_administer(found[0].unit)
        return found[0]


def administrator_of(by: Visitor) -> Administrator:
    """Whoever asks, provided they look after accounts; else `Forbidden("office.needed")`."""
    if by.only_meeting or not by.offices & {"system", "unit"}:
        raise Forbidden("office.needed")
    return Administrator(by.person, by.unit, by.offices)


def _within(administrator: Administrator, organisation: Organisation, unit: str) -> frozenset[str] | None:
    """The units asked for, as far as they are this administrator's business; None for all."""
    if "system" in administrator.offices:
        return organisation.beneath(unit) if unit else None
    administrator.must_administer(unit or administrator.unit)
    return frozenset({administrator.unit})


def _entry(person: Person, account: Account | None, pin: Millis, devices: tuple[int, Millis]) -> Entry:
    found = account or Account(person.id, "", "")
    by_title = person.precedence == precedence_of(person.title)
    return Entry(
        id=person.id,
        name=person.name,
        title=person.title,
        unit=person.unit,
        short=person.short,
        precedence=UNRANKED if by_title else person.precedence,
        username=found.username,
        offices=found.offices,
        disabled=found.disabled,
        must_change=found.must_change,
        second_factor=bool(found.totp),
        pin_set_at=pin,
        devices=devices[0],
        seen=devices[1],
    )


def _line(line: store.Written, names: dict[str, str]) -> Line:
    return Line(
        at=line.at,
        what=line.what,
        person=line.person,
        person_name=names.get(line.person, ""),
        by=line.by,
        by_name=names.get(line.by, ""),
        address=line.address,
        details=msgspec.Raw((line.details or "{}").encode()),
    )
