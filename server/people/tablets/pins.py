"""A person's PIN for the shared tablets: six digits, kept as passwords are, every try counted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from server.clock import Clock, Millis
from server.db import Database
from server.errors import Forbidden, NotFound, Refused, Unauthorized
from server.http import Visitor
from server.people.accounts import Administrator
from server.people.doors import Doors, Knock
from server.people.passwords import Passwords
from server.people.sessions import HOUR, MINUTE, TryLimit, token_hash
from server.people.store import directory
from server.people.tablets import store
from server.people.tablets.kept import DIGITS, Kept, check_pin
from server.people.tries import Tries

WHOLE_DAY = 24 * HOUR
MOST_IN_A_DAY = 30
"""Of one person, on all tablets: a million numbers are not worth beginning with."""


class Pins:
    """Given by its owner, who knows the password, or by an administrator; shown to nobody again."""

    def __init__(self, doors: Doors, passwords: Passwords, tries: tuple[int, int]) -> None:
        self._doors = doors
        self._db: Database = doors.db
        self._clock: Clock = doors.clock
        self._passwords = passwords
        self._tries = Tries(self._db, self._clock)
        self._most, self._window = tries[0], tries[1] * MINUTE

    async def set_at(self, person: str) -> Millis:
        """When the person's PIN was set; 0 without one."""
        async with self._db.reading() as connection:
            kept = await store.pin_of(connection, person)
        return kept.set_at if kept else 0

    async def choose(self, visitor: Visitor, password: str, pin: str, knock: Knock) -> None:
        """A PIN of one's own choice. `Refused`: "password.wrong", "pin.simple"; `TooMany`."""
        if visitor.only_meeting:
            raise Forbidden("guest.elsewhere")
        check_pin(pin)
        limits = [TryLimit(token_hash(f"pin owner {visitor.person}"), self._most, self._window)]
        await self._tries.count(limits)
        async with self._db.reading() as connection:
            account = await directory.account_of(connection, visitor.person)
        if not await self._passwords.verify(account.password_hash if account else "", password):
            raise Refused("password.wrong")
        await self._tries.forgive(limits, succeeded=True)
        await self._keep(visitor.person, pin, visitor.person, knock)

    async def give(self, by: Visitor, person: str, knock: Knock) -> str:
        """A fresh PIN to be handed over, by whoever administers the person's account; one's own is chosen."""
        if by.only_meeting or not by.offices & {"system", "unit"}:
            raise Forbidden("office.needed")
        if by.person == person:
            raise Forbidden("account.own")
        async with self._db.reading() as connection:
            found = await directory.people_by_id(connection, [person])
            account = await directory.account_of(connection, person)
        if not found:
            raise NotFound("person.unknown") if "system" in by.offices else Forbidden("office.needed")
        offices = account.offices if account else frozenset[str]()
        Administrator(by.person, by.unit, by.offices).must_administer(found[0].unit, offices)
        pin = self._fresh()
        await self._keep(person, pin, by.person, knock)
        return pin

    async def bring_in(self, people: Sequence[str], pin: str) -> None:
        """One PIN for many, as the demo has it: no secret between them, so they share its hash."""
        hashed, now = await self._passwords.hash(pin), self._clock.now()
        async with self._db.writing() as connection:
            for person in people:
                await store.keep_pin(connection, self._db, Kept(person, hashed, now, person))

    async def prove(self, person: str, pin: str, knock: Knock, tablet: str) -> None:
        """Whether this is the person's PIN; every try is counted before it is judged.

        Raises `Unauthorized("pin.refused")`, the same for whoever has none, and `TooMany("signin.too_often")`.
        """
        limits = [
            TryLimit(token_hash(f"pin {person} on {tablet}"), self._most, self._window),
            TryLimit(token_hash(f"pin {person}"), MOST_IN_A_DAY, WHOLE_DAY),
        ]
        await self._tries.count(limits)
        async with self._db.reading() as connection:
            kept = await store.pin_of(connection, person)
            account = await directory.account_of(connection, person)
        usable = kept is not None and not (account is not None and account.disabled)
        if not await self._passwords.verify(kept.hashed if kept and usable else "", pin):
            async with self._db.writing() as connection:
                await self._doors.note(connection, person, "pin_refused", knock, by=tablet)
            raise Unauthorized("pin.refused")
        await self._tries.forgive(limits, succeeded=True)

    async def _keep(self, person: str, pin: str, by: str, knock: Knock) -> None:
        kept = Kept(person, await self._passwords.hash(pin), self._clock.now(), by)
        async with self._db.writing() as connection:
            await store.keep_pin(connection, self._db, kept)
            await self._doors.note(connection, person, "pin_set", knock, by=by)

    def _fresh(self) -> str:
        while True:
            unguessable = hashlib.sha256(f"{self._clock.fresh_id()}{self._clock.secret()}".encode()).digest()
            pin = f"{int.from_bytes(unguessable) % 10**DIGITS:0{DIGITS}}"
            try:
                check_pin(pin)
            except Refused:
                continue
            return pin
