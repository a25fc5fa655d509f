"""The rows of the register of rooms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, String, Table, Text, select

from server.db import Connection, Database, metadata
from server.floorplan import FloorPlan
from server.people.rooms.rooms import Room

rooms = Table(
    "rooms",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("unit", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("retired", Boolean, nullable=False),
)


async def all_rooms(connection: Connection) -> list[Room]:
    """Every room by name."""
    return [_room(row) for row in await connection.execute(select(rooms).order_by(rooms.c.name, rooms.c.id))]


async def room_of(connection: Connection, identifier: str) -> Room | None:
    """One room."""
    row = (await connection.execute(select(rooms).where(rooms.c.id == identifier))).first()
    return None if row is None else _room(row)


async def keep_rooms(connection: Connection, db: Database, kept: Sequence[Room]) -> None:
    """Add these rooms, or replace those with the same ids."""
    for room in kept:
        row = {**msgspec.structs.asdict(room), "plan": msgspec.json.encode(room.plan).decode()}
        await connection.execute(db.upsert(rooms, [row]))


def _room(row: Any) -> Room:
    return Room(**{**row._mapping, "plan": msgspec.json.decode(row.plan, type=FloorPlan)})
