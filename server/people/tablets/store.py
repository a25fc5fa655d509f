"""Tablets, the codes they are bound by, and PINs: their tables, and every statement on them."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, String, Table, Text, UniqueConstraint, delete, select, update

from server.clock import Millis
from server.db import Connection, Database, metadata, struct_of
from server.people.store.door import invitations
from server.people.tablets.bound import KIND, Tablet
from server.people.tablets.kept import Kept

ID = String(64)
HASH = String(64)

pins = Table(
    "pins",
    metadata,
    Column("person", ID, primary_key=True),
    Column("hashed", Text, nullable=False),
    Column("set_at", BigInteger, nullable=False),
    Column("by", ID, nullable=False),
)
tablets = Table(
    "tablets",
    metadata,
    Column("id", ID, primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("room", ID, nullable=False),
    Column("seat", String(16), nullable=False),
    Column("bound_at", BigInteger, nullable=False),
    Column("bound_by", ID, nullable=False),
    Column("agent", Text, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("used_by", ID, nullable=False),
    Column("holds", ID, nullable=False),
    UniqueConstraint("room", "seat"),
)
codes = Table(
    "tablet_codes",
    metadata,
    Column("code_hash", HASH, primary_key=True),
    Column("room", ID, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("by", ID, nullable=False),
)


async def pin_of(connection: Connection, person: str) -> Kept | None:
    """The person's PIN, hashed."""
    row = (await connection.execute(select(pins).where(pins.c.person == person))).first()
    return None if row is None else Kept(**row._mapping)


async def keep_pin(connection: Connection, db: Database, kept: Kept) -> None:
    """Set the person's PIN, or replace it."""
    await connection.execute(db.upsert(pins, [msgspec.structs.asdict(kept)]))


async def keep_code(connection: Connection, db: Database, code_hash: str, **row: Any) -> None:
    """A code by which tablets are bound to a room's seats: room, expires, by. Another one of the room ends."""
    await connection.execute(delete(codes).where(codes.c.room == row["room"]))
    await connection.execute(db.upsert(codes, [{"code_hash": code_hash, **row}]))


async def room_by_code(connection: Connection, code_hash: str, now: Millis) -> tuple[str, str] | None:
    """The room a code is for, and who made it."""
    wanted = select(codes).where((codes.c.code_hash == code_hash) & (codes.c.expires > now))
    row = (await connection.execute(wanted)).first()
    return None if row is None else (row.room, row.by)


async def tablets_of(connection: Connection, room: str) -> list[Tablet]:
    """The tablets of a room."""
    return [_tablet(row) for row in await connection.execute(select(tablets).where(tablets.c.room == room))]


async def tablet_by_token(connection: Connection, token_hash: str) -> Tablet | None:
    """The tablet with this secret."""
    row = (await connection.execute(select(tablets).where(tablets.c.token_hash == token_hash))).first()
    return None if row is None else _tablet(row)


async def tablet_of(connection: Connection, identifier: str) -> Tablet | None:
    """One tablet."""
    row = (await connection.execute(select(tablets).where(tablets.c.id == identifier))).first()
    return None if row is None else _tablet(row)


async def keep_tablet(connection: Connection, db: Database, tablet: Tablet, token_hash: str) -> None:
    """A tablet on its seat; one that was there before is bound no more."""
    there = (tablets.c.room == tablet.room) & (tablets.c.seat == tablet.seat)
    await connection.execute(delete(tablets).where(there))
    await connection.execute(db.upsert(tablets, [{**msgspec.structs.asdict(tablet), "token_hash": token_hash}]))


async def change_tablet(connection: Connection, identifier: str, **values: Any) -> None:
    """Set columns of a tablet: `used_at`, `used_by`, `holds`."""
    await connection.execute(update(tablets).where(tablets.c.id == identifier).values(**values))


async def drop_tablet(connection: Connection, identifier: str) -> None:
    """This tablet is bound no more."""
    await connection.execute(delete(tablets).where(tablets.c.id == identifier))


async def leave_seats(connection: Connection, meeting: str) -> set[str]:
    """Nobody sits at a shared tablet in this meeting any more; what they had come in by."""
    theirs = (invitations.c.meeting == meeting) & (invitations.c.kind == KIND) & ~invitations.c.revoked
    left = update(invitations).where(theirs).values(revoked=True).returning(invitations.c.id)
    return set((await connection.execute(left)).scalars())


async def leave_seat(connection: Connection, invitation: str) -> None:
    """Whoever came in by this sits at that tablet no more."""
    await connection.execute(update(invitations).where(invitations.c.id == invitation).values(revoked=True))


async def meetings_with_seats(connection: Connection, now: Millis) -> set[str]:
    """The meetings in which somebody may sit at a shared tablet."""
    is_open = (invitations.c.kind == KIND) & ~invitations.c.revoked & (invitations.c.expires > now)
    return set((await connection.execute(select(invitations.c.meeting).where(is_open).distinct())).scalars())


def _tablet(row: Any) -> Tablet:
    return struct_of(Tablet, row)
