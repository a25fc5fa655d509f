"""The rows beside the stream of minutes: compacted states and revisions. The stream itself keeps every edit."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text, select
from sqlalchemy.sql.expression import Executable

from server.clock import Millis
from server.db import Connection, Database, metadata

Statement = Executable
"""What a decision writes beside its events."""

minutes_states = Table(
    "minutes_states",
    metadata,
    Column("meeting", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
)
minutes_revisions = Table(
    "minutes_revisions",
    metadata,
    Column("meeting", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("by", String(64), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("label", String(200), nullable=False),
    Column("content", Text, nullable=False),
)


class Revision(msgspec.Struct, frozen=True):
    """The text as it stood at a version of its stream. `reason`: auto, kept, export, close, restore."""

    version: int
    at: Millis
    by: str
    reason: str
    label: str = ""


async def read_state(connection: Connection, meeting: str) -> tuple[int, bytes]:
    """The newest compacted state and the version it holds; (0, b"") when there is none."""
    row = (await connection.execute(select(minutes_states).where(minutes_states.c.meeting == meeting))).first()
    return (row.version, bytes(row.state)) if row is not None else (0, b"")


def keep_state(db: Database, meeting: str, version: int, state: bytes) -> Statement:
    """Replaces the compacted state."""
    kept: Statement = db.upsert(minutes_states, [{"meeting": meeting, "version": version, "state": state}])
    return kept


def keep_revision(db: Database, meeting: str, revision: Revision, content: Any) -> Statement:
    """Writes a revision; a version that has one already keeps its first."""
    row = msgspec.to_builtins(revision) | {"meeting": meeting, "content": msgspec.json.encode(content).decode()}
    kept: Statement = db.insert_or_ignore(minutes_revisions, [row])
    return kept


async def last_revised(connection: Connection, meeting: str) -> Millis:
    """When the newest revision was kept; 0 when there is none."""
    rows = minutes_revisions.c
    newest = select(rows.at).where(rows.meeting == meeting).order_by(rows.version.desc()).limit(1)
    return (await connection.execute(newest)).scalar_one_or_none() or 0


async def list_revisions(connection: Connection, meeting: str) -> list[Revision]:
    """All revisions, newest first, without their text."""
    rows = minutes_revisions.c
    columns = (rows.version, rows.at, rows.by, rows.reason, rows.label)
    found = await connection.execute(select(*columns).where(rows.meeting == meeting).order_by(rows.version.desc()))
    return [Revision(row.version, row.at, row.by, row.reason, row.label) for row in found]


async def read_revision(connection: Connection, meeting: str, version: int) -> list[dict[str, Any]] | None:
    """The text of one revision as TipTap JSON, or None when there is no such revision."""
    rows = minutes_revisions.c
    wanted = (rows.meeting == meeting) & (rows.version == version)
    text = (await connection.execute(select(rows.content).where(wanted))).scalar_one_or_none()
    return None if text is None else msgspec.json.decode(text, type=list[dict[str, Any]])


async def has_revision(connection: Connection, meeting: str, version: int) -> bool:
    """Whether the text as of this version is kept already."""
    rows = minutes_revisions.c
    wanted = (rows.meeting == meeting) & (rows.version == version)
    return (await connection.execute(select(rows.version).where(wanted))).first() is not None
