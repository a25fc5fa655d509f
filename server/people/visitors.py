"""Who somebody is, by their cookie or by a ticket. A hall that comes back at once is looked up together."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from server.clock import Clock, Millis
from server.db import Connection, Database
from server.http import Visitor
from server.people.sessions import Lifetimes, Session
from server.people.store import directory, door
from server.together import Together

Known = tuple[Session, Visitor]
GATHER_S = 0.02
"""How long the next ones of a crowd are waited for: nobody notices, and each batch is a transaction."""


class Ticket(msgspec.Struct, frozen=True):
    """What is kept of a ticket."""

    token_hash: str
    session: str
    expires: Millis


class Visitors:
    """Looks visitors up, and keeps and takes tickets, as many at once as ask at once."""

    def __init__(self, db: Database, clock: Clock, lives: Lifetimes) -> None:
        self.db = db
        self.clock = clock
        self._lives = lives
        self._by_cookie = Together(self._of_cookies, GATHER_S)
        self._by_ticket = Together(self._of_tickets, GATHER_S)
        self._keeping = Together(self._keep, GATHER_S)
        self._touching = Together(self._touch, GATHER_S)

    async def of_cookie(self, token_hash: str) -> Known | None:
        """The session of a cookie's hash and whose it is, or None when it is over."""
        return await self._by_cookie.ask(token_hash)

    async def of_ticket(self, token_hash: str) -> Visitor | None:
        """Who a ticket was made for; None when it is used, late, or never was. It is used now."""
        return await self._by_ticket.ask(token_hash)

    async def keep(self, ticket: Ticket) -> None:
        """A ticket opens a socket from now on."""
        await self._keeping.ask(ticket)

    async def touch(self, session: str) -> None:
        """The session is in use now."""
        await self._touching.ask(session)

    async def _touch(self, ids: Sequence[str]) -> Sequence[None]:
        async with self.db.writing() as connection:
            await door.change_sessions(connection, ids, seen=self.clock.now())
        return [None] * len(ids)

    async def _keep(self, made: Sequence[Ticket]) -> Sequence[None]:
        async with self.db.writing() as connection:
            await door.drop_old_tickets(connection, self.clock.now())
            await door.add_tickets(connection, [msgspec.structs.asdict(ticket) for ticket in made])
        return [None] * len(made)

    async def _of_cookies(self, hashes: Sequence[str]) -> Sequence[Known | None]:
        async with self.db.reading() as connection:
            sessions = await door.sessions_by_token(connection, hashes)
            visitors = await self._of(connection, sessions.values())
        found = {key: (one, visitors[one.id]) for key, one in sessions.items() if one.id in visitors}
        return [found.get(key) for key in hashes]

    async def _of_tickets(self, hashes: Sequence[str]) -> Sequence[Visitor | None]:
        async with self.db.writing() as connection:
            taken = await door.take_tickets(connection, hashes, self.clock.now())
            sessions = await door.sessions_by_id(connection, set(taken.values()))
            visitors = await self._of(connection, sessions)
        # A ticket is good once, also for two who show it in the same moment.
        return [visitors.get(taken.pop(key, "")) for key in hashes]

    async def _of(self, connection: Connection, sessions: Collection[Session]) -> dict[str, Visitor]:
        """Session → whose it is, of those that are not over."""
        now = self.clock.now()
        living = [session for session in sessions if not self._lives.is_over(session, now)]
        invited = [session for session in living if session.invitation]
        people = {session.person for session in living if not session.invitation}
        accounts = await directory.accounts_by_person(connection, people) if people else {}
        known = {one.id: one for one in await directory.people_by_id(connection, people)} if people else {}
        found: dict[str, Visitor] = {}
        for session in living:
            account, person = accounts.get(session.person), known.get(session.person)
            if account is not None and not account.disabled and person is not None and not session.invitation:
                found[session.id] = Visitor(person.id, session.id, person.name, person.unit, account.offices)
        for session in invited:
            guest = await self._guest(connection, session)
            found |= {session.id: guest} if guest else {}
        return found

    async def _guest(self, connection: Connection, session: Session) -> Visitor | None:
        invited = await door.invitation_by_id(connection, session.invitation)
        if invited is None or not invited.is_open(self.clock.now()):
            return None
        kind = frozenset({invited.kind})
        return Visitor(session.person, session.id, invited.name, invited.unit, kind, invited.meeting)
