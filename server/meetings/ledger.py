"""The ledger of votes: the rows beside the log, open ones by name and secret ones in their box."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import msgspec

from server.clock import Clock, Millis
from server.db import Connection, Database
from server.errors import Conflict
from server.meetings import store
from server.meetings.acts import BoxCleared, BoxOpened, Needs, ReadyForgotten, ReadySaid, Row, SecretVote, VoteCast
from server.meetings.box import keys as boxes
from server.meetings.box import store as box
from server.meetings.box.keys import BoxKeys
from server.meetings.box.store import Statement

PLACE_OCTETS = 16
LEFT_OVER: Millis = 600_000
"""A key this old whose box is gone was left by a process that died between the two."""
PROVED_FOR: Millis = 300_000
"""How long showing the second factor is good for."""

ProvedAt = Callable[[str], Awaitable[Millis | None]]
"""When this session last showed its second factor; None where the person has none."""


async def nobody_proves(_session: str) -> Millis | None:
    """Where there are no second factors."""
    return None


class Safeguards(msgspec.Struct, frozen=True):
    """What secret ballots and elections rest on."""

    keys: Path = Path("var/keys/ballots")
    """Where the keys of boxes lie while they are open: apart from the database and its backups."""
    proved_at: ProvedAt = nobody_proves


class Ledger:
    """Keeps and tells votes. What it writes are statements: they run in the transaction of the command's decision."""

    def __init__(self, db: Database, clock: Clock, safe: Safeguards) -> None:
        self.db = db
        self.clock = clock
        self.safe = safe
        self.keys = BoxKeys(safe.keys)

    async def proved(self, session: str) -> bool:
        """Whether this session has shown its second factor just now; true where there is none to show."""
        at = await self.safe.proved_at(session)
        return at is None or at > self.clock.now() - PROVED_FOR

    async def keep(self, connection: Connection, meeting: str, rows: Iterable[Row]) -> list[Statement]:
        """The statements that keep these rows."""
        statements: list[Statement] = []
        for row in rows:
            match row:
                case VoteCast():
                    statements.append(store.keep_vote(self.db, meeting, row))
                case ReadySaid():
                    statements.append(box.keep_ready(self.db, row.ballot, row.mandate))
                case ReadyForgotten():
                    statements.append(box.forget_ready(row.ballot))
                case BoxOpened():
                    statements += await self._opened(row)
                case SecretVote():
                    statements += await self._sealed(connection, row)
                case BoxCleared():
                    statements += box.clear_box(row.ballot)
        return statements

    async def looked_up(self, connection: Connection, needs: Needs) -> tuple[dict[str, str], tuple[str, ...], bool]:
        """What a command needs to know of votes: those by name, the box's content, whether a mandate has voted."""
        named = await store.votes_of(connection, needs.votes_of) if needs.votes_of else {}
        inside = await self._read(connection, needs.box_of) if needs.box_of else ()
        return named, inside, bool(needs.voted[0]) and await box.has_voted(connection, *needs.voted)

    async def voted(self, ballot: str) -> list[str]:
        """The mandates that have voted, sorted: who, not what, and not in which order."""
        async with self.db.reading() as connection:
            named = await store.votes_of(connection, ballot)
            return sorted(named.keys() | await box.voted_secretly(connection, ballot))

    async def ready(self, ballot: str) -> list[str]:
        """The mandates that are ready to vote, sorted."""
        async with self.db.reading() as connection:
            return sorted(await box.ready_for(connection, ballot))

    def voting(self, rows: Iterable[Row]) -> set[str]:
        """The ballots in which these rows are votes, or readiness for them."""
        return {row.ballot for row in rows if isinstance(row, VoteCast | SecretVote | ReadySaid | ReadyForgotten)}

    def over(self, rows: Iterable[Row]) -> list[str]:
        """The secret ballots that these rows bring to their end."""
        return [row.ballot for row in rows if isinstance(row, BoxCleared)]

    async def forget(self) -> None:
        """Destroy the keys of boxes that are gone: their process died between the commit and that."""
        for ballot in await asyncio.to_thread(self.keys.left, self.clock.now() - LEFT_OVER):
            async with self.db.reading() as connection:
                known = await box.box_key(connection, ballot)
            if known is None:
                await asyncio.to_thread(self.keys.destroy, ballot)

    async def _opened(self, row: BoxOpened) -> list[Statement]:
        public, wrapped = await asyncio.to_thread(self.keys.make, row.ballot)
        places = {os.urandom(PLACE_OCTETS).hex(): boxes.empty(row.width) for _ in row.mandates}
        return box.open_box(row.ballot, row.mandates, places, box.BoxKey(public, wrapped, row.width))

    async def _sealed(self, connection: Connection, row: SecretVote) -> list[Statement]:
        key = await box.box_key(connection, row.ballot)
        if key is None:
            raise Conflict("ballot.key_lost")
        return box.keep_secret_vote(row.ballot, row.mandate, boxes.seal(key.public, row.choice, row.ballot, key.width))

    async def _read(self, connection: Connection, ballot: str) -> tuple[str, ...]:
        key = await box.box_key(connection, ballot)
        if key is None:
            return ()
        sealed = await box.in_box(connection, ballot)
        return tuple(await asyncio.to_thread(self.keys.read, ballot, key.wrapped, sealed))
