"""The rows of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, Integer, String, Table, Text, false, select

from server.db import Connection, Database, metadata
from server.people.registry.sites import RegisteredSite

sites = Table(
    "registered_sites",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("unit", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("short", Text, nullable=False),
    Column("order", Integer, nullable=False),
    Column("main", Boolean, nullable=False),
    Column("room", Text, nullable=False),
    Column("technician", String(64), nullable=False),
    Column("technician_name", Text, nullable=False),
    Column("telephones", Text, nullable=False),
    Column("spare_line", String(64), nullable=False),
    Column("places", Integer, nullable=False),
    Column("equipment", Text, nullable=False),
    Column("codec", Text, nullable=False),
    Column("retired", Boolean, nullable=False, server_default=false()),
)
LISTS = ("telephones", "equipment")


async def all_sites(connection: Connection) -> list[RegisteredSite]:
    """Every site in protocol order."""
    rows = await connection.execute(select(sites).order_by(sites.c.order, sites.c.id))
    return [_site(row) for row in rows]


async def site_of(connection: Connection, identifier: str) -> RegisteredSite | None:
    """One site."""
    row = (await connection.execute(select(sites).where(sites.c.id == identifier))).first()
    return None if row is None else _site(row)


async def keep_sites(connection: Connection, db: Database, kept: Sequence[RegisteredSite]) -> None:
    """Add these sites, or replace those with the same ids."""
    for start in range(0, len(kept), 100):
        rows = [_row(site) for site in kept[start : start + 100]]
        await connection.execute(db.upsert(sites, rows))


async def drop_site(connection: Connection, identifier: str) -> None:
    """Strike a site out; the meetings it joined keep what they knew of it."""
    await connection.execute(sites.delete().where(sites.c.id == identifier))


def _row(site: RegisteredSite) -> dict[str, Any]:
    lists = {name: msgspec.json.encode(getattr(site, name)).decode() for name in LISTS}
    return {**msgspec.structs.asdict(site), **lists}


def _site(row: Any) -> RegisteredSite:
    lists = {name: tuple(msgspec.json.decode(row._mapping[name])) for name in LISTS}
    return RegisteredSite(**{**row._mapping, **lists})
