"""The doors: who comes in, who is inside, and who has to leave."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from server.clock import Clock, Millis
from server.config import PeopleSettings
from server.db import Connection, Database
from server.errors import Invalid, NotFound, Refused, Unauthorized
from server.http import Visitor
from server.people import invitations
from server.people.invitations import Invitation
from server.people.names import clean
from server.people.secondfactor import qr_svg
from server.people.sessions import HOUR, MINUTE, PER_ACCOUNT, SEEN_EVERY, Lifetimes, Session, TryLimit, network_of
from server.people.sessions import token_hash as hash_of
from server.people.store import directory, door
from server.people.traces import Trace, write_down
from server.people.tries import Tries
from server.people.visitors import Ticket, Visitors

FRESH: Millis = 5_000
"""How long a visitor is remembered without asking the database: the most another process's revocation can take here."""

MOST_REMEMBERED = 20_000

Ended = Callable[[frozenset[str], str, str], Awaitable[None]]
"""Told the ids of sessions that are over, whose they were, and why: close sockets and media at once."""


class Knock(msgspec.Struct, frozen=True):
    """Who knocks: as much as is known of them before they say a name."""

    address: str = ""
    agent: str = ""
    cookie: str = ""
    """The session they bring along; it ends when a new one begins."""


class Entered(msgspec.Struct, frozen=True):
    """Somebody is inside."""

    token: str
    """The cookie's value. It is nowhere else: the database knows only its hash."""
    session: Session


class Device(msgspec.Struct, frozen=True):
    """One of a person's sessions, as they see it."""

    id: str
    created: Millis
    seen: Millis
    agent: str
    address: str
    current: bool


class Invited(msgspec.Struct, frozen=True):
    """A way in, as it is handed over: printed, sent or shown as a QR code."""

    id: str
    code: str
    link: str
    """Carries the code behind a `#`: browsers keep that part to themselves, so it never reaches a log."""
    qr: str


class Doors:
    """Sessions, socket tickets and invitations. Callbacks in `on_ended` hear of every session that ends."""

    def __init__(self, db: Database, clock: Clock, settings: PeopleSettings, public_url: str = "") -> None:
        self.db = db
        self.clock = clock
        self._settings = settings
        self._public_url = public_url.rstrip("/")
        self._lives = Lifetimes(settings.session_idle_minutes * MINUTE, settings.session_max_hours * HOUR)
        self._tries = Tries(db, clock)
        self.visitors = Visitors(db, clock, self._lives)
        self._remembered: dict[str, tuple[Visitor, Millis]] = {}
        self._forgotten = 0
        self.on_ended: list[Ended] = []

    @property
    def longest_life_s(self) -> int:
        """How long a cookie is worth keeping, in seconds."""
        return self._lives.most // 1000

    # Who is asking ----------------------------------------------------------------------------------------------

    async def identify(self, cookie: str) -> Visitor | None:
        """The visitor of a cookie's value, or None when there is no such session any more."""
        now, key = self.clock.now(), hash_of(cookie)
        known = self._remembered.get(key)
        if known is not None and now - known[1] < FRESH:
            return known[0]
        before = self._forgotten
        met = await self.visitors.of_cookie(key)
        if met is None:
            self._remembered.pop(key, None)
            return None
        session, found = met
        if now - session.seen >= SEEN_EVERY:
            await self.visitors.touch(session.id)
        if before == self._forgotten:  # nobody was sent away while we read
            self._remember(key, found, now)
        return found

    async def touch(self, sessions: Iterable[str]) -> None:
        """These sessions are in use now, for example by an open socket."""
        async with self.db.writing() as connection:
            await door.change_sessions(connection, sessions, seen=self.clock.now())

    async def ticket(self, visitor: Visitor) -> str:
        """A secret that opens one socket, once, within the minute."""
        now = self.clock.now()
        token = f"{self.clock.fresh_id()}{self.clock.secret()}"
        expires = now + self._settings.ticket_seconds * 1000
        await self.visitors.keep(Ticket(hash_of(token), visitor.session, expires))
        return token

    async def redeem(self, ticket: str) -> Visitor:
        """Who the ticket was made for; `Unauthorized("ticket.spent")` when it is used, late, or never was."""
        found = await self.visitors.of_ticket(hash_of(ticket))
        if found is None:
            raise Unauthorized("ticket.spent")
        return found

    def _remember(self, key: str, found: Visitor, now: Millis) -> None:
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = (found, now)

    # Coming in and leaving --------------------------------------------------------------------------------------

    async def open(self, connection: Connection, person: str, knock: Knock, **more: Millis | str) -> Entered:
        """A new session within the caller's transaction. Call `close_previous` after it is committed."""
        now = self.clock.now()
        session = Session(
            id=self.clock.fresh_id(),
            person=person,
            created=now,
            seen=now,
            agent=clean(knock.agent)[:200],
            address=knock.address[:64],
            second_factor_at=int(more.get("second_factor_at", 0)),
            invitation=str(more.get("invitation", "")),
        )
        token = self.clock.secret()
        await door.add_session(connection, session, hash_of(token))
        await self.note(connection, person, "entered" if session.invitation else "signed_in", knock)
        return Entered(token, session)

    async def close_previous(self, knock: Knock) -> None:
        """End the session the visitor came with: a session never outlives a sign-in (rotation)."""
        if not knock.cookie:
            return
        async with self.db.reading() as connection:
            previous = await door.session_by_token(connection, hash_of(knock.cookie))
        if previous is not None:
            await self.end([previous], "replaced")

    async def devices(self, visitor: Visitor) -> list[Device]:
        """The visitor's own sessions, the last used first."""
        async with self.db.reading() as connection:
            found = await door.sessions_of(connection, visitor.person)
        return [
            Device(s.id, s.created, s.seen, s.agent, s.address, current=s.id == visitor.session)
            for s in found
            if not self._lives.is_over(s, self.clock.now())
        ]

    async def sign_out(self, visitor: Visitor, sessions: Iterable[str]) -> None:
        """End these of the visitor's own sessions; `NotFound("session.unknown")` for one that is not theirs."""
        wanted = set(sessions)
        async with self.db.reading() as connection:
            own = [s for s in await door.sessions_of(connection, visitor.person) if s.id in wanted]
        if len(own) != len(wanted):
            raise NotFound("session.unknown")
        await self.end(own, "signed_out")

    async def end_all(self, person: str, except_session: str = "", what: str = "ended") -> None:
        """End a person's sessions, perhaps all but the one they are using."""
        async with self.db.reading() as connection:
            found = await door.sessions_of(connection, person)
        await self.end([session for session in found if session.id != except_session], what)

    async def end(self, ended: list[Session], what: str) -> None:
        """End these sessions and tell everybody who holds something open for them."""
        if not ended:
            return
        async with self.db.writing() as connection:
            await door.end_sessions(connection, [session.id for session in ended])
            for session in ended:
                await self.note(connection, session.person, what, Knock(session.address, session.agent))
        self.forget([session.id for session in ended])
        for person in {session.person for session in ended}:
            gone = frozenset(session.id for session in ended if session.person == person)
            for callback in self.on_ended:
                await callback(gone, person, what)

    def forget(self, sessions: Iterable[str]) -> None:
        """Ask the database next time about these sessions; also called when another process ended them."""
        gone = set(sessions)
        self._forgotten += 1
        self._remembered = {key: known for key, known in self._remembered.items() if known[0].session not in gone}

    def forget_person(self, person: str) -> None:
        """Ask the database next time about this person: their name, unit or offices changed."""
        self.forget([known[0].session for known in self._remembered.values() if known[0].person == person])

    async def sweep(self) -> None:
        """End sessions that are idle or alive for too long, and drop stale tickets. Called every minute or so."""
        now = self.clock.now()
        async with self.db.reading() as connection:
            overdue = await door.overdue_sessions(connection, self._lives, now)
        await self.end(overdue, "expired")
        async with self.db.writing() as connection:
            await door.drop_old_tickets(connection, now)
        await self._tries.sweep(24 * HOUR)

    async def note(self, connection: Connection, person: str, what: str, knock: Knock, by: str = "") -> None:
        """Write into the record of the door, within the caller's transaction."""
        await write_down(connection, self.clock, Trace(person, what, by), knock)

    # Guests and sites -------------------------------------------------------------------------------------------

    async def invite(self, invitation: Invitation) -> Invited:
        """A way into one meeting; the meeting decides before who may invite whom. `id` and `created` are given here.

        `Refused("invitation.has_account")` for whoever uses an account: nobody hands out a second key to it.
        """
        if invitation.kind not in invitations.KINDS:
            raise Invalid("invitation.kind")
        now, fresh = self.clock.now(), self.clock.fresh_id()
        code = invitations.code_of(f"{fresh}{self.clock.secret()}")
        named = {"name": clean(invitation.name), "unit": clean(invitation.unit)}
        person = invitation.person or fresh
        kept = msgspec.structs.replace(invitation, id=fresh, created=now, person=person, revoked=False, **named)
        async with self.db.writing() as connection:
            account = await directory.account_of(connection, person)
            if account is not None and account.in_use:
                raise Refused("invitation.has_account")
            await door.add_invitation(connection, kept, hash_of(code))
        link = self.address(f"/dang-nhap#{code}")
        return Invited(fresh, invitations.written(code), link, qr_svg(link))

    def address(self, path: str) -> str:
        """A page of ours as people type it; the path alone where the operator named no public address."""
        return f"{self._public_url}{path}"

    async def enter(self, code: str, knock: Knock) -> Entered:
        """Come in by an invitation's code; `Unauthorized("invitation.refused")` when it opens nothing (any more)."""
        window = self._settings.lockout_minutes * MINUTE
        most = self._settings.lockout_attempts * PER_ACCOUNT
        limits = [TryLimit(hash_of(f"code from {network_of(knock.address)}"), most, window)]
        await self._tries.count(limits)
        async with self.db.writing() as connection:
            invited = await door.invitation_by_code(connection, hash_of(invitations.typed(code)))
            usable = invited is not None and invited.kind in invitations.KINDS and invited.is_open(self.clock.now())
            if invited is None or not usable:
                raise Unauthorized("invitation.refused")
            entered = await self.open(connection, invited.person, knock, invitation=invited.id)
        await self._tries.forgive(limits)
        await self.close_previous(knock)
        return entered

    async def revoke(self, meeting: str, person: str) -> int:
        """No code opens this meeting to this person (or site) any more, and who came in by one has to leave; how many
        codes were open."""
        async with self.db.writing() as connection:
            revoked = await door.revoke_invitations(connection, meeting, person)
            inside = await door.sessions_by_invitations(connection, revoked)
        await self.end(inside, "revoked")
        return len(revoked)
