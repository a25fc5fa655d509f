"""The rows of secret ballots: who has voted, and apart from them the box; and who is ready for any ballot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    String,
    Table,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.sql.expression import Executable

from server.db import Connection, Database, metadata

Statement = Executable
"""Something to be run in the transaction of a decision."""

# Of a secret ballot. Neither table knows a time or a person's choice; rows are made when the ballot opens and only
# written over afterwards, in place: the file keeps no order of voting (SQLite's pages would, in tables that grow).
ballot_voters = Table(
    "ballot_voters",
    metadata,
    Column("ballot", String(64), primary_key=True),
    Column("mandate", String(64), primary_key=True),
    Column("voted", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
ballot_box = Table(
    "ballot_box",
    metadata,
    Column("ballot", String(64), primary_key=True),
    Column("place", String(32), primary_key=True),
    Column("used", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
ballot_keys = Table(
    "ballot_keys",
    metadata,
    Column("ballot", String(64), primary_key=True),
    Column("public", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("width", Integer, nullable=False),
)
ballot_ready = Table(
    "ballot_ready",
    metadata,
    Column("ballot", String(64), primary_key=True),
    Column("mandate", String(64), primary_key=True),
)


class BoxKey(msgspec.Struct, frozen=True):
    """The key of a secret ballot's box, as the database knows it."""

    public: bytes
    wrapped: bytes
    width: int


def open_box(ballot: str, mandates: Sequence[str], places: Mapping[str, bytes], key: BoxKey) -> list[Statement]:
    """The statements that make a box: who may vote, and a place for each, filled with noise."""
    voters = [{"ballot": ballot, "mandate": mandate, "voted": False} for mandate in sorted(mandates)]
    noise = [{"ballot": ballot, "place": p, "used": False, "sealed": places[p]} for p in sorted(places)]
    kept = {"ballot": ballot, **msgspec.structs.asdict(key)}
    made: list[Statement] = [ballot_voters.insert().values(voters), ballot_box.insert().values(noise)]
    return [*made, ballot_keys.insert().values(kept)]


def keep_secret_vote(ballot: str, mandate: str, sealed: bytes) -> list[Statement]:
    """The statements that keep a secret vote: that the mandate has voted, and the choice in a place drawn by lot."""
    free = (ballot_box.c.ballot == ballot) & ballot_box.c.used.is_(False)
    drawn = select(ballot_box.c.place).where(free).order_by(func.random()).limit(1).scalar_subquery()
    here = (ballot_box.c.ballot == ballot) & (ballot_box.c.place == drawn)
    voter = (ballot_voters.c.ballot == ballot) & (ballot_voters.c.mandate == mandate)
    return [
        update(ballot_voters).where(voter).values(voted=True),
        update(ballot_box).where(here).values(used=True, sealed=bindparam("secret", sealed)),
    ]


def clear_box(ballot: str) -> list[Statement]:
    """The statements that empty a box; who has voted stays known."""
    return [table.delete().where(table.c.ballot == ballot) for table in (ballot_box, ballot_keys)]


async def box_key(connection: Connection, ballot: str) -> BoxKey | None:
    """The key of a box; None when there is no box (any more)."""
    row = (await connection.execute(select(ballot_keys).where(ballot_keys.c.ballot == ballot))).first()
    return None if row is None else BoxKey(row.public, row.wrapped, row.width)


async def in_box(connection: Connection, ballot: str) -> list[bytes]:
    """The sealed choices."""
    used = (ballot_box.c.ballot == ballot) & ballot_box.c.used
    return list((await connection.execute(select(ballot_box.c.sealed).where(used))).scalars())


async def voted_secretly(connection: Connection, ballot: str) -> set[str]:
    """The mandates that have voted in a secret ballot."""
    voted = (ballot_voters.c.ballot == ballot) & ballot_voters.c.voted
    return set((await connection.execute(select(ballot_voters.c.mandate).where(voted))).scalars())


async def has_voted(connection: Connection, ballot: str, mandate: str) -> bool:
    """Whether a mandate has voted in a secret ballot."""
    voter = (ballot_voters.c.ballot == ballot) & (ballot_voters.c.mandate == mandate) & ballot_voters.c.voted
    return (await connection.execute(select(ballot_voters.c.mandate).where(voter))).first() is not None


def keep_ready(db: Database, ballot: str, mandate: str) -> Statement:
    """The statement that keeps that somebody is ready; once is enough."""
    kept: Statement = db.insert_or_ignore(ballot_ready, [{"ballot": ballot, "mandate": mandate}])
    return kept


def forget_ready(ballot: str) -> Statement:
    """The statement after which nobody has said that they are ready."""
    return ballot_ready.delete().where(ballot_ready.c.ballot == ballot)


async def ready_for(connection: Connection, ballot: str) -> set[str]:
    """The mandates that are ready to vote."""
    rows = await connection.execute(select(ballot_ready.c.mandate).where(ballot_ready.c.ballot == ballot))
    return set(rows.scalars())
