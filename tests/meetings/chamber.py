"""A chamber of many members over a real database: for what only the rows, the keys and the files can show."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from server.clock import HeldClock, Millis
from server.db import Database
from server.meetings.acts import Card, read_command
from server.meetings.agenda import AddItem
from server.meetings.ledger import Safeguards
from server.meetings.members import InviteMembers
from server.meetings.preparing import CreateMeeting, NameChair, PublishMeeting
from server.meetings.roles import Role
from server.meetings.service import Around, Asker, Meetings
from server.schema import tables
from server.streams import Answer, Streams
from tests.meetings.scenario import RULES, START

SECRETARY = Asker("secretary", "vp-ubnd", frozenset({"secretary"}))


@cache
def _empty_database() -> bytes:
    """A file of SQLite with all tables and nothing in them, made once."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.db")
        tables().create_all(engine)
        engine.dispose()
        return Path(folder, "empty.db").read_bytes()


async def lay_tables(db: Database) -> None:
    """The tables of an empty house in a database nobody has used yet, or has left behind (PostgreSQL)."""
    if db.is_sqlite:
        Path(make_url(db.url).database or "").write_bytes(_empty_database())
        return
    async with db.writing() as connection:
        await connection.run_sync(tables().drop_all)
        await connection.run_sync(tables().create_all)


class Chamber:
    """Members `v0` (who chairs) to `v<n>`; what a process that restarts finds again is `db` and `folder`."""

    def __init__(self, folder: Path, members: int, db: Database | None = None) -> None:
        self.folder = folder
        self.people = [f"v{number}" for number in range(members)]
        self.db = db or Database(f"sqlite+aiosqlite:///{folder}/chamber.db")
        self.clock = HeldClock(START)
        self.proved: Millis | None = None
        self.meeting = "m0"
        self.meetings = self.process()

    def process(self) -> Meetings:
        """A web process as it starts: it knows nothing but what was kept."""
        safe = Safeguards(self.folder / "keys", self._proved_at)
        around = Around(self._cards, lambda _meeting, _person: True, (RULES,), safe)
        return Meetings(self.db, Streams(self.db, self.clock), self.clock, around)

    async def create_tables(self) -> None:
        """The database of an empty house."""
        await lay_tables(self.db)

    async def convene(self, meeting: str = "m0") -> None:
        """A new meeting with everybody present, opened."""
        self.meeting = meeting
        commands = [
            CreateMeeting("Kỳ họp", RULES.kind, "room", "Hội trường", START, START + 1, "vp-ubnd"),
            InviteMembers(tuple(self.people), (Role.DELEGATE,), mandate=True),
            NameChair("v0", "v1"),
            AddItem("Nội dung", "Nội dung"),
            PublishMeeting(),
        ]
        for number, command in enumerate(commands):
            answer = await self.meetings.perform(meeting, SECRETARY, f"{meeting}-prepare-{number}", command)
            assert answer.ok, answer
        for person in self.people:
            await self.does(person, "attendance.arrive", place="room")
        assert (await self.does("v0", "meeting.open")).ok

    async def does(self, person: str, tag: str, /, command_id: str = "", **fields: Any) -> Answer:
        """Somebody sends a command; without an id of its own it is a new one."""
        self.clock.advance(1000)
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        known = command_id or self.clock.fresh_id()
        return await self.meetings.perform(self.meeting, Asker(person, session=person), known, command)

    async def ballot(self, method: str, **fields: Any) -> str:
        """A ballot that is open, by its id."""
        _, meeting = await self.meetings.standing(self.meeting)
        item = meeting.items[0].id
        planned = {"item": item, "question": "Nhất trí?", "method": method, **fields}
        answer = await self.does("v0", "ballot.plan", **planned)
        assert answer.ok, answer
        _, meeting = await self.meetings.standing(self.meeting)
        ballot = list(meeting.ballots)[-1]
        answer = await self.does("v0", "ballot.open", ballot=ballot)
        assert answer.ok, answer
        return ballot

    async def close(self) -> None:
        """The process ends, and the database is given back."""
        await self.meetings.streams.close()
        await self.db.close()

    async def _cards(self, people: Iterable[str]) -> Mapping[str, Card]:
        return {person: Card(person, f"Đại biểu {person}") for person in people}

    async def _proved_at(self, _session: str) -> Millis | None:
        return self.proved
