"""Receipts: what was answered to a command, so that sending it again is harmless. Refusals are receipts too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Index, String, Table, Text, bindparam, delete, select
from sqlalchemy.sql.expression import Executable

from server.clock import Millis
from server.db import Connection, metadata
from server.errors import Problem

LIFE: Millis = 48 * 3600 * 1000

receipts = Table(
    "receipts",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("command_id", String(64), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("answer", Text, nullable=False),
    Index("ix_receipts_at", "at"),
)


_GIVEN = select(receipts).where(
    receipts.c.person.in_(bindparam("people", expanding=True)),
    receipts.c.command_id.in_(bindparam("ids", expanding=True)),
)
"""Made once: it is asked before every commit."""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the sender of a command hears, now and whenever they ask again with the same id."""

    ok: bool
    now: Millis
    version: int = 0
    code: str = ""
    details: dict[str, Any] = {}


def refusal(error: Problem, now: Millis, version: int = 0) -> Answer:
    """The answer that says no, and why."""
    return Answer(ok=False, now=now, version=version, code=error.code, details=dict(error.details))


async def known_receipts(connection: Connection, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Answer]:
    """The answers already given to these (person, command id)."""
    people, ids = {person for person, _ in asked}, {command_id for _, command_id in asked}
    rows = await connection.execute(_GIVEN, {"people": list(people), "ids": list(ids)})
    return {(row.person, row.command_id): msgspec.json.decode(row.answer, type=Answer) for row in rows}


async def keep_receipts(connection: Connection, given: Mapping[tuple[str, str], Answer]) -> None:
    """Keep the answers given to these (person, command id)."""
    rows = [
        {"person": person, "command_id": command_id, "at": answer.now, "answer": msgspec.json.encode(answer).decode()}
        for (person, command_id), answer in given.items()
    ]
    if rows:
        await connection.execute(receipts.insert(), rows)


def old_receipts(now: Millis) -> Executable:
    """The statement that forgets what nobody asks for any more."""
    return delete(receipts).where(receipts.c.at < now - LIFE)
