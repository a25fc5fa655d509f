"""The rows of who has opened which paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Integer, String, Table, case, select

from server.db import Connection, Database, metadata
from server.meetings.readings.readers import Reading

AT_ONCE = 400
"""Rows of one statement: SQLite takes 32,766 values in one."""

readings = Table(
    "readings",
    metadata,
    Column("meeting", String(64), primary_key=True),
    Column("paper", String(64), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("page", Integer, nullable=False),
)


async def keep(db: Database, meeting: str, found: Iterable[Reading]) -> None:
    """Keep these. Of the same version the first opening and the furthest page stay; a newer version begins anew."""
    rows = sorted(({**msgspec.structs.asdict(one), "meeting": meeting} for one in found), key=_place)
    async with db.writing() as connection:
        for part in _parts(rows):
            await connection.execute(db.upsert(readings, part, _merged))


async def of_meeting(connection: Connection, meeting: str, paper: str = "") -> list[Reading]:
    """All that is kept of a meeting, or of one of its papers."""
    query = select(readings).where(readings.c.meeting == meeting)
    if paper:
        query = query.where(readings.c.paper == paper)
    rows = await connection.execute(query)
    return [Reading(row.paper, row.person, row.version, row.opened_at, row.page) for row in rows]


def _merged(sent: Any) -> Mapping[str, Any]:
    same = readings.c.version == sent.version
    return {
        "version": sent.version,
        "opened_at": case((same, readings.c.opened_at), else_=sent.opened_at),
        "page": case((same & (readings.c.page > sent.page), readings.c.page), else_=sent.page),
    }


def _place(row: Mapping[str, Any]) -> tuple[str, str]:
    """Sorted, the order of the rows says nothing of the order in which anybody did anything."""
    return row["paper"], row["person"]


def _parts(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    return [list(rows[start : start + AT_ONCE]) for start in range(0, len(rows), AT_ONCE)]
