"""The people of the house: units, people, and who looks after their accounts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from server.clock import Clock
from server.db import Connection, Database
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.http import Visitor
from server.people.accounts import Account, Administrator, offices_of, username_of
from server.people.changes import differences
from server.people.doors import Doors, Knock
from server.people.invitations import code_of, written
from server.people.names import clean, fold, matches
from server.people.organisation import Organisation, Unit
from server.people.passwords import Passwords
from server.people.positions import UNRANKED, Person, in_precedence_order, precedence_of
from server.people.store import directory
from server.people.traces import Trace, details_of, write_down

MOST_FOUND = 50


class Card(msgspec.Struct, frozen=True):
    """What everybody signed in may know of a person."""

    id: str
    name: str
    title: str
    unit: str
    unit_name: str
    short: str
    precedence: int = UNRANKED


class File(msgspec.Struct, frozen=True):
    """What an administrator sees of a person's account."""

    card: Card
    username: str
    offices: frozenset[str]
    disabled: bool
    second_factor: bool
    must_change: bool


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person to be added, with the account they will have."""

    name: str
    unit: str
    username: str
    title: str = ""
    precedence: int = UNRANKED
    short: str = ""
    offices: frozenset[str] = frozenset()


class NewAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account of an import: demo data, or a list from the operator's spreadsheet."""

    person: str
    username: str
    password: str
    offices: frozenset[str] = frozenset()
    must_change: bool = True


class People:
    """The directory, and the administration of accounts."""

    def __init__(self, doors: Doors, passwords: Passwords) -> None:
        self.db: Database = doors.db
        self.clock: Clock = doors.clock
        self._doors = doors
        self._passwords = passwords

    # The directory ----------------------------------------------------------------------------------------------

    async def organisation(self) -> Organisation:
        """The tree of units as it is now."""
        async with self.db.reading() as connection:
            return Organisation(await directory.all_units(connection))

    async def units(self) -> list[Unit]:
        """All units in protocol order, parents before children."""
        return (await self.organisation()).in_protocol_order()

    async def host(self) -> str:
        """Whose house this is, for the sign-in screen: the first committee in protocol order, else the first unit."""
        units = await self.units()
        committees = [unit for unit in units if unit.kind == "committee"]
        return (committees or units)[0].name if units else ""

    async def search(self, query: str, unit: str = "", most: int = MOST_FOUND) -> list[Card]:
        """People by name and title, typed with or without marks, in order of precedence."""
        words = fold(clean(query)[:100]).split()
        async with self.db.reading() as connection:
            organisation = Organisation(await directory.all_units(connection))
            found = await directory.find_people(connection, words, unit)
        wanted = [person for person in found if matches(query, f"{person.name} {person.title}")]
        return [_card(person, organisation) for person in in_precedence_order(wanted, organisation)[:most]]

    async def cards(self, people: Iterable[str]) -> list[Card]:
        """These people in order of precedence; ids nobody has are left out."""
        async with self.db.reading() as connection:
            organisation = Organisation(await directory.all_units(connection))
            found = await directory.people_by_id(connection, people)
        return [_card(person, organisation) for person in in_precedence_order(found, organisation)]

    async def card(self, person: str) -> Card:
        """One person; `NotFound("person.unknown")` when there is none."""
        found = await self.cards([person])
        if not found:
            raise NotFound("person.unknown")
        return found[0]

    # Bringing in ------------------------------------------------------------------------------------------------

    async def keep_units(self, units: Sequence[Unit], by: str = "", knock: Knock | None = None) -> None:
        """Add or replace units; refused as a whole when the tree would not be one (see `Organisation`)."""
        kept = [msgspec.structs.replace(u, name=clean(u.name), short=clean(u.short)) for u in units]
        async with self.db.writing() as connection:
            before = {unit.id: unit for unit in await directory.all_units(connection)}
            if len({unit.id for unit in kept}) != len(kept):
                Organisation(kept)  # says which one stands there twice
            Organisation((before | {unit.id: unit for unit in kept}).values())
            await directory.keep_units(connection, self.db, kept)
            if knock is not None:
                await self._doors.note(connection, "", "units_kept", knock, by)

    async def keep_people(self, people: Sequence[Person]) -> None:
        """Add or replace people; a title of the catalogue gives the precedence that is not given."""
        kept = [tidied(person) for person in people]
        async with self.db.writing() as connection:
            organisation = Organisation(await directory.all_units(connection))
            for person in kept:
                organisation.get(person.unit)
            await directory.keep_people(connection, self.db, kept)
        for person in kept:
            self._doors.forget_person(person.id)

    async def keep_accounts(self, accounts: Sequence[NewAccount]) -> None:
        """Add or replace accounts with passwords chosen elsewhere. `Conflict("username.taken")`, as a whole.

        Those who were given the same password share its hash: it was no secret between them.
        """
        hashed = {password: await self._passwords.hash(password) for password in {a.password for a in accounts}}
        kept = [
            Account(
                a.person, username_of(a.username), hashed[a.password], offices_of(a.offices), must_change=a.must_change
            )
            for a in accounts
        ]
        async with self.db.writing() as connection:
            for account in kept:
                await self._must_be_free(connection, account.username, account.person)
                await directory.keep_account(connection, self.db, account)
        for account in kept:
            self._doors.forget_person(account.person)

    async def first_administrator(self, agency: str, name: str, username: str) -> str:
        """At the operator's console: the system's administrator of a new house; the password to hand over.

        The agency becomes the root of the organisation where there is none yet. `Conflict("username.taken")`,
        `Invalid("person.name_missing")`.
        """
        if not clean(name):
            raise Invalid("person.name_missing")
        units = await self.units()
        root = units[0] if units else Unit(self.clock.fresh_id(), agency, kind="committee")
        if not units:
            await self.keep_units([root])
        person, password = self.clock.fresh_id(), self.fresh_password()
        async with self.db.reading() as connection:
            await self._must_be_free(connection, username_of(username), person)
        await self.keep_people([Person(person, root.id, name)])
        await self.keep_accounts([NewAccount(person, username, password, frozenset({"system"}))])
        return password

    async def _must_be_free(self, connection: Connection, username: str, person: str) -> None:
        holder = await directory.account_named(connection, username)
        if holder is not None and holder.person != person:
            raise Conflict("username.taken", username=username)

    async def signing_in(self, persons: Collection[str]) -> frozenset[str]:
        """Those of them who sign in with an account of their own."""
        async with self.db.reading() as connection:
            accounts = await directory.accounts_by_person(connection, persons)
        return frozenset(person for person, account in accounts.items() if account.in_use)

    # Administration ---------------------------------------------------------------------------------------------

    async def files(self, by: Visitor, unit: str) -> list[File]:
        """The accounts of one unit's people, for its administrator or the system's; in order of precedence."""
        (await self._administrator(by)).must_administer(unit)
        cards = await self.search("", unit, most=10_000)
        async with self.db.reading() as connection:
            accounts = await directory.accounts_by_person(connection, [card.id for card in cards])
        return [_file(card, accounts.get(card.id)) for card in cards]

    async def create(self, by: Visitor, new: NewPerson, knock: Knock) -> tuple[Card, str]:
        """A new person with an account; the second value is the password to hand over, good for one sign-in."""
        administrator, offices = await self._administrator(by), offices_of(new.offices)
        administrator.must_administer(new.unit, offices)
        administrator.must_grant(frozenset(), offices)
        if not clean(new.name):
            raise Invalid("person.name_missing")
        person_id, password = self.clock.fresh_id(), self.fresh_password()
        person = tidied(Person(person_id, new.unit, new.name, new.title, new.precedence, new.short))
        hashed = await self._passwords.hash(password)
        account = Account(person_id, username_of(new.username), hashed, offices, must_change=True)
        async with self.db.writing() as connection:
            Organisation(await directory.all_units(connection)).in_use(new.unit)
            await self._must_be_free(connection, account.username, person_id)
            await directory.keep_people(connection, self.db, [person])
            await directory.keep_account(connection, self.db, account)
            await self._doors.note(connection, person_id, "created", knock, by.person)
        return await self.card(person_id), password

    async def disable(self, by: Visitor, person: str, disabled: bool, knock: Knock) -> None:
        """Shut an account, which ends everything the person has open, or open it again."""
        if person == by.person:
            raise Forbidden("account.own")
        await self._change(by, person, knock, "disabled" if disabled else "enabled", disabled=disabled)

    async def reset(self, by: Visitor, person: str, second_factor: bool, knock: Knock) -> str:
        """A new password to hand over; with `second_factor`, a lost telephone is forgotten too."""
        if person == by.person:
            raise Forbidden("account.own")
        password = self.fresh_password()
        changes: dict[str, object] = {"password_hash": await self._passwords.hash(password), "must_change": True}
        if second_factor:
            changes |= {"totp": b"", "totp_offered": b""}
        await self._change(by, person, knock, "reset", **changes)
        return password

    async def grant(self, by: Visitor, person: str, offices: frozenset[str], knock: Knock) -> None:
        """The offices this person has from now on; they sign in anew, with a second factor where one is due."""
        if person == by.person:
            raise Forbidden("account.own")
        await self._change(by, person, knock, "granted", offices=offices_of(offices))

    async def _change(self, by: Visitor, person: str, knock: Knock, what: str, **values: object) -> None:
        administrator = await self._administrator(by)
        async with self.db.writing() as connection:
            found = await directory.people_by_id(connection, [person])
            account = await directory.account_of(connection, person, for_change=True)
            if account is None or not found:
                raise NotFound("person.unknown") if "system" in by.offices else Forbidden("office.needed")
            changed = msgspec.structs.replace(account, **values)
            administrator.must_administer(found[0].unit, account.offices | changed.offices)
            administrator.must_grant(account.offices, changed.offices)
            await directory.keep_account(connection, self.db, changed)
            offices = differences(account, changed, "offices")
            trace = Trace(person, what, by.person, details_of(offices))
            await write_down(connection, self.clock, trace, knock)
        self._doors.forget_person(person)
        if what != "enabled":
            await self._doors.end_all(person)

    async def _administrator(self, by: Visitor) -> Administrator:
        if by.only_meeting or not by.offices & {"system", "unit"}:
            raise Forbidden("office.needed")
        return Administrator(by.person, by.unit, by.offices)

    async def hashed(self, password: str) -> str:
        """The password as it is kept."""
        return await self._passwords.hash(password)

    def fresh_password(self) -> str:
        """A password to be handed over: good for one sign-in, easy to read aloud."""
        return written(code_of(f"{self.clock.fresh_id()}{self.clock.secret()}")[:12]).lower()


def tidied(person: Person) -> Person:
    """The person as they are kept: clean text, and the rank of the title where none was chosen."""
    precedence = precedence_of(person.title) if person.precedence == UNRANKED else person.precedence
    named = {"name": clean(person.name), "title": clean(person.title), "short": clean(person.short)}
    return msgspec.structs.replace(person, precedence=precedence, **named)


def _card(person: Person, organisation: Organisation) -> Card:
    unit = organisation.get(person.unit) if person.unit in organisation else None
    unit_name = (unit.short or unit.name) if unit else ""
    return Card(
        person.id, person.name, person.title, person.unit, unit_name, person.short or person.name, person.precedence
    )


def _file(card: Card, account: Account | None) -> File:
    if account is None:
        return File(card, "", frozenset(), disabled=False, second_factor=False, must_change=False)
    return File(
        card, account.username, account.offices, account.disabled, bool(account.totp), must_change=account.must_change
    )
