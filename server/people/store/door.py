"""Sessions, tickets, invitations, tries and the record of the door: their tables, and every statement on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    case,
    delete,
    insert,
    or_,
    select,
    text,
    update,
)

from server.clock import Millis
from server.db import Connection, Database, metadata, struct_of
from server.people.invitations import Invitation
from server.people.sessions import Lifetimes, Session, TryLimit

ID = String(64)
HASH = String(64)

sessions = Table(
    "sessions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("person", ID, nullable=False, index=True),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("agent", Text, nullable=False),
    Column("address", String(64), nullable=False),
    Column("second_factor_at", BigInteger, nullable=False),
    Column("invitation", ID, nullable=False, index=True),
)
tickets = Table(
    "tickets",
    metadata,
    Column("token_hash", HASH, primary_key=True),
    Column("session", ID, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
invitations = Table(
    "invitations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code_hash", HASH, nullable=False, unique=True),
    Column("meeting", ID, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("person", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
)
tries = Table(
    "sign_in_tries",
    metadata,
    Column("key", HASH, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
)
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("person", ID, nullable=False),
    Column("what", String(32), nullable=False),
    Column("by", ID, nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", Text, nullable=False),
    Column("details", Text, nullable=False, server_default=text("''")),
    Index("ix_sign_ins_person_at", "person", "at"),
    Index("ix_sign_ins_at", "at"),
)


async def add_session(connection: Connection, session: Session, token_hash: str) -> None:
    """A new session, found by its token's hash from now on."""
    await connection.execute(insert(sessions).values(**msgspec.structs.asdict(session), token_hash=token_hash))


async def session_by_token(connection: Connection, token_hash: str) -> Session | None:
    """The session of a cookie."""
    row = (await connection.execute(select(sessions).where(sessions.c.token_hash == token_hash))).first()
    return None if row is None else struct_of(Session, row)


async def sessions_by_token(connection: Connection, hashes: Iterable[str]) -> dict[str, Session]:
    """The sessions of these cookies, by the hashes of their tokens."""
    rows = await connection.execute(select(sessions).where(sessions.c.token_hash.in_(list(hashes))))
    return {row.token_hash: struct_of(Session, row) for row in rows}


async def sessions_by_id(connection: Connection, ids: Iterable[str]) -> list[Session]:
    """Those of these sessions that there are."""
    rows = await connection.execute(select(sessions).where(sessions.c.id.in_(list(ids))))
    return [struct_of(Session, row) for row in rows]


async def session_by_id(connection: Connection, session: str) -> Session | None:
    """The session with this id."""
    row = (await connection.execute(select(sessions).where(sessions.c.id == session))).first()
    return None if row is None else struct_of(Session, row)


async def living_sessions(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these sessions that have not ended."""
    return set((await connection.execute(select(sessions.c.id).where(sessions.c.id.in_(list(ids))))).scalars())


async def sessions_of(connection: Connection, person: str) -> list[Session]:
    """The person's sessions, the last used first."""
    wanted = select(sessions).where(sessions.c.person == person).order_by(sessions.c.seen.desc())
    return [struct_of(Session, row) for row in await connection.execute(wanted)]


async def overdue_sessions(connection: Connection, lives: Lifetimes, now: Millis) -> list[Session]:
    """Sessions idle or alive for too long, those a wrong clock left in the future, and those of ended invitations."""
    ended = select(invitations.c.id).where(invitations.c.revoked | (invitations.c.expires <= now))
    overdue = or_(
        ~sessions.c.seen.between(now - lives.idle, now + lives.idle),
        ~sessions.c.created.between(now - lives.most, now + lives.most),
        sessions.c.invitation.in_(ended),
    )
    return [struct_of(Session, row) for row in await connection.execute(select(sessions).where(overdue))]


async def sessions_by_invitations(connection: Connection, ids: Iterable[str]) -> list[Session]:
    """The sessions somebody opened with these invitations."""
    wanted = select(sessions).where(sessions.c.invitation.in_(list(ids)))
    return [struct_of(Session, row) for row in await connection.execute(wanted)]


async def change_sessions(connection: Connection, ids: Iterable[str], **values: Any) -> None:
    """Set columns of these sessions: `seen`, `second_factor_at`, `token_hash`."""
    await connection.execute(update(sessions).where(sessions.c.id.in_(list(ids))).values(**values))


async def end_sessions(connection: Connection, ids: Iterable[str]) -> None:
    """Forget these sessions and their tickets."""
    gone = list(ids)
    await connection.execute(delete(tickets).where(tickets.c.session.in_(gone)))
    await connection.execute(delete(sessions).where(sessions.c.id.in_(gone)))


async def add_tickets(connection: Connection, made: list[dict[str, Any]]) -> None:
    """Tickets, each of which opens a socket once."""
    await connection.execute(insert(tickets), made)


async def take_tickets(connection: Connection, hashes: Iterable[str], now: Millis) -> dict[str, str]:
    """Ticket → the session it was made for, of those that are still good; all are gone, whoever asks next gets none."""
    taken = delete(tickets).where(tickets.c.token_hash.in_(list(hashes))).returning(tickets)
    return {row.token_hash: row.session for row in await connection.execute(taken) if now < row.expires}


async def drop_old_tickets(connection: Connection, now: Millis) -> None:
    """Forget tickets nobody used in time."""
    await connection.execute(delete(tickets).where(tickets.c.expires <= now))


async def add_invitation(connection: Connection, invitation: Invitation, code_hash: str) -> None:
    """A new invitation, found by its code's hash."""
    await connection.execute(insert(invitations).values(**msgspec.structs.asdict(invitation), code_hash=code_hash))


async def invitation_by_code(connection: Connection, code_hash: str) -> Invitation | None:
    """The invitation with this code."""
    row = (await connection.execute(select(invitations).where(invitations.c.code_hash == code_hash))).first()
    return None if row is None else struct_of(Invitation, row)


async def invitation_by_id(connection: Connection, invitation: str) -> Invitation | None:
    """The invitation with this id."""
    row = (await connection.execute(select(invitations).where(invitations.c.id == invitation))).first()
    return None if row is None else struct_of(Invitation, row)


async def invitations_of(connection: Connection, meeting: str, kinds: Iterable[str]) -> list[Invitation]:
    """A meeting's invitations of these kinds, the last one first."""
    theirs = (invitations.c.meeting == meeting) & invitations.c.kind.in_(list(kinds))
    wanted = select(invitations).where(theirs).order_by(invitations.c.created.desc(), invitations.c.id.desc())
    return [struct_of(Invitation, row) for row in await connection.execute(wanted)]


async def open_codes(connection: Connection, meeting: str, kind: str, now: Millis) -> dict[str, str]:
    """The hashes of the codes of one kind that open something now, and for whom."""
    theirs = (invitations.c.meeting == meeting) & (invitations.c.kind == kind)
    is_open = ~invitations.c.revoked & (invitations.c.expires > now)
    rows = await connection.execute(select(invitations.c.code_hash, invitations.c.person).where(theirs & is_open))
    return {row.code_hash: row.person for row in rows}


async def revoke_invitation(connection: Connection, invitation: str) -> None:
    """Nobody comes in by this one any more."""
    await connection.execute(update(invitations).where(invitations.c.id == invitation).values(revoked=True))


async def revoke_invitations(connection: Connection, meeting: str, person: str) -> set[str]:
    """From now on this person (or site) comes into this meeting by none of them; the ids of those that were open."""
    theirs = (invitations.c.meeting == meeting) & (invitations.c.person == person) & ~invitations.c.revoked
    revoked = update(invitations).where(theirs).values(revoked=True).returning(invitations.c.id)
    return set((await connection.execute(revoked)).scalars())


async def count_try(connection: Connection, db: Database, limit: TryLimit, now: Millis) -> tuple[int, Millis]:
    """Count one more try for this key and say how many there are since when; atomic, so nobody races the count."""
    # A beginning in the future: the clock was wrong then, and must not lock anybody out until it is right again.
    stale = (tries.c.since <= now - limit.window) | (tries.c.since > now)
    counted = {"tries": case((stale, 1), else_=tries.c.tries + 1), "since": case((stale, now), else_=tries.c.since)}
    # One statement: between two, whoever comes in with this key takes the count away.
    first = db.upsert(tries, [{"key": limit.key, "tries": 1, "since": now}], lambda _: counted)
    row = (await connection.execute(first.returning(tries.c.tries, tries.c.since))).one()
    return row.tries, row.since


async def forgive_try(connection: Connection, key: str) -> None:
    """Take one try back: it was a right one."""
    await connection.execute(
        update(tries).where(and_(tries.c.key == key, tries.c.tries > 0)).values(tries=tries.c.tries - 1)
    )


async def forgive_all_tries(connection: Connection, key: str) -> None:
    """Start this key's count again."""
    await connection.execute(delete(tries).where(tries.c.key == key))


async def drop_old_tries(connection: Connection, before: Millis) -> None:
    """Forget counts nobody added to since then."""
    await connection.execute(delete(tries).where(tries.c.since < before))


async def record(connection: Connection, **row: Any) -> None:
    """Write down what happened at the door: id, at, person, what, by, address, agent, details."""
    await connection.execute(insert(sign_ins).values(**row))
