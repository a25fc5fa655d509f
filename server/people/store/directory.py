"""Units, people and accounts: their tables, and every statement on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table, Text, and_, false, select, text

from server.db import Connection, Database, metadata, struct_of
from server.people.accounts import Account
from server.people.names import fold
from server.people.organisation import Unit
from server.people.positions import Person

ID = String(64)

units = Table(
    "units",
    metadata,
    Column("id", ID, primary_key=True),
    Column("parent", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("short", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("order", Integer, nullable=False),
    Column("retired", Boolean, nullable=False, server_default=false()),
)
people = Table(
    "people",
    metadata,
    Column("id", ID, primary_key=True),
    Column("unit", ID, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("precedence", Integer, nullable=False),
    Column("short", Text, nullable=False),
    Column("folded", Text, nullable=False),
)
accounts = Table(
    "accounts",
    metadata,
    Column("person", ID, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("offices", Text, nullable=False),
    Column("totp", LargeBinary, nullable=False),
    Column("totp_offered", LargeBinary, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False),
)

tours = Table(
    "tours_shown",
    metadata,
    Column("person", ID, primary_key=True),
    Column("tour", String(32), primary_key=True),
)


async def all_units(connection: Connection) -> list[Unit]:
    """Every unit, in no order."""
    return [struct_of(Unit, row) for row in await connection.execute(select(units))]


async def keep_units(connection: Connection, db: Database, kept: Sequence[Unit]) -> None:
    """Add these units, or replace those with the same ids."""
    for start in range(0, len(kept), 100):  # PostgreSQL and SQLite both limit the values of one statement
        rows = [msgspec.structs.asdict(unit) for unit in kept[start : start + 100]]
        await connection.execute(db.upsert(units, rows))


async def keep_people(connection: Connection, db: Database, kept: Sequence[Person]) -> None:
    """Add these people, or replace those with the same ids."""
    for start in range(0, len(kept), 100):
        rows = [_person_row(person) for person in kept[start : start + 100]]
        await connection.execute(db.upsert(people, rows))


def _person_row(person: Person) -> dict[str, Any]:
    return {**msgspec.structs.asdict(person), "folded": fold(f"{person.name} {person.title}")}


async def people_by_id(connection: Connection, ids: Iterable[str]) -> list[Person]:
    """Those of these people that exist."""
    rows = await connection.execute(select(people).where(people.c.id.in_(list(ids))))
    return [struct_of(Person, row) for row in rows]


async def find_people(connection: Connection, words: Sequence[str], unit: str) -> list[Person]:
    """People whose name or title has all these folded words, of one unit or ("") of all."""
    wanted = [people.c.folded.contains(word, autoescape=True) for word in words]
    if unit:
        wanted.append(people.c.unit == unit)
    return [struct_of(Person, row) for row in await connection.execute(select(people).where(and_(True, *wanted)))]


async def hold(connection: Connection, db: Database) -> None:
    """Until this transaction ends nobody else writes units, people or accounts: what is read now stays true.

    On SQLite whoever writes is alone anyway. To be asked before any row is locked, lest two wait for each other: those
    who have locked a row to change it end first (EXCLUSIVE waits for `FOR UPDATE`, the next weaker mode does not).
    """
    if not db.is_sqlite:
        await connection.execute(text("LOCK TABLE units, people, accounts IN EXCLUSIVE MODE"))


async def keep_account(connection: Connection, db: Database, account: Account) -> None:
    """Add the account, or replace the one its person has."""
    row = {**msgspec.structs.asdict(account), "offices": ",".join(sorted(account.offices))}
    await connection.execute(db.upsert(accounts, [row]))


async def account_of(connection: Connection, person: str, for_change: bool = False) -> Account | None:
    """The person's account; locked against other changes until the transaction ends when asked for."""
    wanted = select(accounts).where(accounts.c.person == person)
    return _account((await connection.execute(wanted.with_for_update() if for_change else wanted)).first())


async def account_named(connection: Connection, username: str) -> Account | None:
    """The account with this username."""
    return _account((await connection.execute(select(accounts).where(accounts.c.username == username))).first())


async def accounts_in_unit(connection: Connection, beginning: str, unit: str) -> list[Account]:
    """The accounts of a unit's people whose usernames are this beginning and a dot and something."""
    joined = select(accounts).join(people, people.c.id == accounts.c.person).where(people.c.unit == unit)
    rows = await connection.execute(joined.where(accounts.c.username.startswith(f"{beginning}.", autoescape=True)))
    return [account for row in rows if (account := _account(row)) is not None]


async def accounts_by_person(connection: Connection, ids: Iterable[str]) -> dict[str, Account]:
    """The accounts of these people, by person."""
    rows = await connection.execute(select(accounts).where(accounts.c.person.in_(list(ids))))
    return {account.person: account for row in rows if (account := _account(row)) is not None}


async def tours_shown(connection: Connection, person: str) -> list[str]:
    """The first steps this person was shown, by the names of their screens."""
    return sorted((await connection.execute(select(tours.c.tour).where(tours.c.person == person))).scalars())


async def keep_tour(connection: Connection, db: Database, person: str, tour: str) -> None:
    """This person was shown these first steps."""
    await connection.execute(db.insert_or_ignore(tours, [{"person": person, "tour": tour}]))


def _account(row: Any) -> Account | None:
    if row is None:
        return None
    found = dict(row._mapping)
    return Account(**{**found, "offices": frozenset(filter(None, found["offices"].split(",")))})
