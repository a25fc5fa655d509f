"""What administrators look at: who has a PIN, who is signed in where, what was done."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import func, select

from server.clock import Millis
from server.db import Connection, struct_of
from server.people.store.directory import accounts, people
from server.people.store.door import sessions, sign_ins
from server.people.tablets.store import pins


class Written(msgspec.Struct, frozen=True):
    """A line of the record as it is kept."""

    id: str
    at: Millis
    person: str
    what: str
    by: str
    address: str
    details: str


async def pins_of(connection: Connection, ids: Iterable[str]) -> dict[str, Millis]:
    """When these people's PINs were set; those without one are left out."""
    wanted = select(pins.c.person, pins.c.set_at).where(pins.c.person.in_(list(ids)))
    return {row.person: row.set_at for row in await connection.execute(wanted)}


async def sessions_of(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[int, Millis]]:
    """How many devices these people are signed in on, and when one of them was last used."""
    counted = select(sessions.c.person, func.count(), func.max(sessions.c.seen)).group_by(sessions.c.person)
    rows = await connection.execute(counted.where(sessions.c.person.in_(list(ids))))
    return {person: (count, seen) for person, count, seen in rows}


async def usernames(connection: Connection) -> dict[str, str]:
    """Everybody's username, by person."""
    return {
        row.person: row.username for row in await connection.execute(select(accounts.c.person, accounts.c.username))
    }


async def holders(connection: Connection, office: str) -> frozenset[str]:
    """Everybody with this office."""
    rows = await connection.execute(select(accounts.c.person, accounts.c.offices).where(accounts.c.offices != ""))
    return frozenset(row.person for row in rows if office in row.offices.split(","))


async def open_accounts(connection: Connection, unit: str) -> int:
    """How many of a unit's people may sign in."""
    joined = select(func.count()).select_from(accounts.join(people, people.c.id == accounts.c.person))
    wanted = joined.where(people.c.unit == unit, accounts.c.disabled.is_(False))
    return (await connection.execute(wanted)).scalar_one()


class Wanted(msgspec.Struct, frozen=True):
    """Which lines of the record: of one person all, else those with these words, perhaps of one unit's people."""

    whats: tuple[str, ...]
    person: str = ""
    unit: str = ""
    before: Millis = 1 << 53
    most: int = 100


async def traces(connection: Connection, wanted: Wanted) -> list[Written]:
    """Those lines, the last first."""
    lines = select(sign_ins).where(sign_ins.c.at < wanted.before)
    if wanted.person:
        lines = lines.where(sign_ins.c.person == wanted.person)
    else:
        lines = lines.where(sign_ins.c.what.in_(wanted.whats))
    if wanted.unit:
        lines = lines.where(sign_ins.c.person.in_(select(people.c.id).where(people.c.unit == wanted.unit)))
    rows = await connection.execute(lines.order_by(sign_ins.c.at.desc(), sign_ins.c.id.desc()).limit(wanted.most))
    return [struct_of(Written, row) for row in rows]
