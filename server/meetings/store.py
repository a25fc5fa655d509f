"""The meetings' rows: query columns and the folded state, who belongs to which meeting, and the votes.

The log itself is in `streams.py`. State here is a cache of the log that saves folding it from the start.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, ColumnElement, Index, Integer, Select, String, Table, Text, literal, select
from sqlalchemy.sql.expression import Executable

from server.db import Connection, Database, metadata
from server.meetings.acts import VoteCast
from server.meetings.meeting import Meeting
from server.streams import streams

meetings = Table(
    "meetings",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("phase", String(16), nullable=False),
    Column("host", String(64), nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Index("ix_meetings_starts_at", "starts_at"),
)
participants = Table(
    "meeting_participants",
    metadata,
    Column("meeting", String(64), primary_key=True),
    Column("person", String(64), primary_key=True),
    Index("ix_meeting_participants_person", "person"),
)
votes = Table(
    "votes",
    metadata,
    Column("ballot", String(64), primary_key=True),
    Column("mandate", String(64), primary_key=True),
    Column("meeting", String(64), nullable=False),
    Column("choice", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_votes_meeting", "meeting"),
)


def listed(meeting: Meeting) -> dict[str, Any]:
    """The query columns: what lists of meetings show."""
    return {
        "id": meeting.id,
        "title": meeting.title,
        "kind": meeting.rules.kind,
        "phase": meeting.phase,
        "host": meeting.host,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
    }


def keep_meeting(db: Database, meeting: Meeting, version: int) -> Executable:
    """The statement that keeps the state as of this version."""
    state = msgspec.json.encode(meeting).decode()
    kept: Executable = db.upsert(meetings, [{**listed(meeting), "version": version, "state": state}])
    return kept


def keep_people(db: Database, before: Meeting, after: Meeting) -> list[Executable]:
    """The statements that keep who belongs to the meeting, for "my meetings"."""
    added = after.members.keys() - before.members.keys()
    gone = before.members.keys() - after.members.keys()
    statements: list[Executable] = []
    if added:
        rows = [{"meeting": after.id, "person": person} for person in sorted(added)]
        statements.append(db.insert_or_ignore(participants, rows))
    if gone:
        here = (participants.c.meeting == after.id) & participants.c.person.in_(gone)
        statements.append(participants.delete().where(here))
    return statements


def keep_vote(db: Database, meeting: str, vote: VoteCast) -> Executable:
    """The statement that keeps a vote; a later one of the same mandate takes its place."""
    kept: Executable = db.upsert(votes, [{**msgspec.structs.asdict(vote), "meeting": meeting}])
    return kept


async def load_meeting(connection: Connection, meeting_id: str) -> tuple[int, Meeting] | None:
    """The kept state and its version, or None when there is no such meeting."""
    found = await connection.execute(select(meetings.c.version, meetings.c.state).where(meetings.c.id == meeting_id))
    row = found.first()
    return None if row is None else (row.version, msgspec.json.decode(row.state, type=Meeting))


async def votes_of(connection: Connection, ballot: str) -> dict[str, str]:
    """Mandate → option of one ballot."""
    rows = await connection.execute(select(votes.c.mandate, votes.c.choice).where(votes.c.ballot == ballot))
    return {row.mandate: row.choice for row in rows}


async def own_votes(connection: Connection, meeting: str, person: str) -> dict[str, dict[str, str]]:
    """Ballot → mandate → option, of the votes this person cast in the meeting."""
    mine = (votes.c.meeting == meeting) & (votes.c.by == person)
    cast: dict[str, dict[str, str]] = {}
    for row in await connection.execute(select(votes).where(mine)):
        cast.setdefault(row.ballot, {})[row.mandate] = row.choice
    return cast


async def meetings_of(connection: Connection, person: str | None) -> list[dict[str, Any]]:
    """The query columns of a person's meetings, or of all (None), newest first."""
    query = _listing().order_by(meetings.c.starts_at.desc(), meetings.c.id).limit(500)
    if person is not None:
        query = query.join(participants, participants.c.meeting == meetings.c.id).where(participants.c.person == person)
    return await _rows(connection, query)


class Held(msgspec.Struct, frozen=True):
    """A meeting in a list that is looked through, with the newest version of its log."""

    id: str
    title: str
    kind: str
    phase: str
    starts_at: int
    head: int


def open_to(person: str, host: str = "") -> ColumnElement[bool]:
    """The meetings a person belongs to, and those this unit convenes."""
    mine = meetings.c.id.in_(select(participants.c.meeting).where(participants.c.person == person))
    return mine | (meetings.c.host == host) if host else mine


async def held(connection: Connection, *wanted: ColumnElement[bool]) -> list[Held]:
    """All these meetings, newest first; all there are where nothing is said of them."""
    log_of = streams.c.stream == literal("meeting:").concat(meetings.c.id)
    columns = (*(meetings.c[name] for name in ("id", "title", "kind", "phase", "starts_at")), streams.c.version)
    query = select(*columns).join(streams, log_of).where(*wanted).order_by(meetings.c.starts_at.desc(), meetings.c.id)
    return [Held(*row) for row in await connection.execute(query)]


async def meetings_in(connection: Connection, phases: Collection[str], ends_after: int) -> list[dict[str, Any]]:
    """The query columns of all meetings in these phases that are to end after a moment."""
    query = _listing().where(meetings.c.phase.in_(phases), meetings.c.ends_at > ends_after)
    return await _rows(connection, query.order_by(meetings.c.id))


def _listing() -> Select[Any]:
    return select(*(column for column in meetings.c if column.name != "state"))


async def _rows(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    return [{f"{name}": value for name, value in row._mapping.items()} for row in await connection.execute(query)]
