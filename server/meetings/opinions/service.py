"""The book of opinions and amendments: one stream `opinions:<meeting>`, folded from its log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from server.db import Connection
from server.entries import every_entry
from server.meetings.acts import By, fold, tag_of, unless_stopped, write_event
from server.meetings.meeting import Meeting
from server.meetings.opinions import amending, carrying, writing
from server.meetings.opinions.book import (
    Book,
    OpinionCommand,
    OpinionEvent,
    Passage,
    Scene,
    Stuck,
    decide,
    read_event,
    view,
)
from server.meetings.opinions.carrying import Found, carry
from server.meetings.roles import DESK, Role
from server.meetings.service import HOUSE, Asker, Meetings, roles
from server.streams import Answer, Decision, NewEvent, StreamId, Turn

SUBJECTS = (writing, amending, carrying)
"""The commands and events register themselves when their file is read."""

PassageOf = Callable[[str, str, str, int], Awaitable[Passage | None]]
"""The paragraph with this number, of a version of a paper of a meeting; None where there is none."""
StuckOn = Callable[[str, str, str], Awaitable[Stuck | None]]
"""The sticky comment with this id on a paper of a meeting, where its author gave it to others; None where none is."""
Proposed = Callable[[str], Awaitable[None]]
"""Called with the meeting when an amendment was proposed, before this is answered."""
KEPT = 64


class Opinions:
    """Every verb of the book."""

    def __init__(self, meetings: Meetings, passage_of: PassageOf, stuck_on: StuckOn, proposed: Proposed) -> None:
        self.meetings = meetings
        self.proposed = proposed
        self.passage_of = passage_of
        self.stuck_on = stuck_on
        self._known: dict[StreamId, tuple[int, Book]] = {}

    async def perform(self, meeting_id: str, asker: Asker, command_id: str, command: OpinionCommand) -> Answer:
        """Decide the command, keep what follows, then answer; see `Streams.perform`. While the system is stopped it is
        refused before a receipt is kept: the tablet sends the same command again afterwards."""
        unless_stopped((await self.meetings.standing(meeting_id))[1])
        wanted = command.needs()
        passage = await self.passage_of(meeting_id, *wanted) if wanted else None
        takes = command.takes()
        stuck = await self.stuck_on(meeting_id, *takes) if takes else None

        async def decision(turn: Turn) -> Decision:
            version, meeting = await self.meetings.caught_up(turn.connection, meeting_id)
            book = await self._book_in(turn)
            by = By(asker.person, roles(meeting, asker))
            events = decide(command, book, by, Scene(meeting, turn.now, passage, stuck, version))
            turn.kept["book"] = fold(book, events)
            order = _order_of(command, meeting, by)
            return Decision([NewEvent(tag_of(event), write_event(event), by.person, order) for event in events])

        answer = await self.meetings.streams.perform(stream_of(meeting_id), asker.person, command_id, decision)
        if wanted and answer.ok:
            await self.proposed(meeting_id)
        return answer

    async def carry(self, meeting_id: str, version: str, found: Found) -> Answer:
        """Bring open proposals over to this version of their paper, and keep why where one cannot be."""

        async def decision(turn: Turn) -> Decision:
            _, meeting = await self.meetings.caught_up(turn.connection, meeting_id)
            book = await self._book_in(turn)
            events = list[OpinionEvent](carry(book, meeting, version, found))
            turn.kept["book"] = fold(book, events)
            return Decision([NewEvent(tag_of(event), write_event(event), HOUSE.person) for event in events])

        fresh = self.meetings.clock.fresh_id()
        return await self.meetings.streams.perform(stream_of(meeting_id), HOUSE.person, fresh, decision)

    async def book(self, meeting_id: str) -> tuple[int, Book]:
        """The newest version and everything in the book."""
        stream = stream_of(meeting_id)
        async with self.meetings.db.reading() as connection:
            known = await self._caught_up(connection, stream)
        self._remember(stream, known)
        return known

    async def seen_by(self, meeting_id: str, asker: Asker) -> tuple[int, Book]:
        """The book as the asker may see it; `NotFound` or `Forbidden` when the meeting is not theirs to see."""
        await self.meetings.seen_by(meeting_id, asker)
        version, book = await self.book(meeting_id)
        _, meeting = await self.meetings.standing(meeting_id)
        unless_stopped(meeting)
        return version, view(book, meeting, asker.person)

    async def _book_in(self, turn: Turn) -> Book:
        if "book" not in turn.kept:
            _, turn.kept["book"] = await self._caught_up(turn.connection, turn.stream)
            turn.after_commit.append(lambda: self._remember(turn.stream, (turn.version, turn.kept["book"])))
        book = turn.kept["book"]
        assert isinstance(book, Book)
        return book

    async def _caught_up(self, connection: Connection, stream: StreamId) -> tuple[int, Book]:
        version, book = self._known.get(stream, (0, Book()))
        async for entry in every_entry(connection, stream, version):
            version, book = entry.version, read_event(entry.type, entry.data).apply(book)
        return version, book

    def _remember(self, stream: StreamId, newest: tuple[int, Book]) -> None:
        if self._known.get(stream, (-1,))[0] >= newest[0]:
            return
        self._known.pop(stream, None)
        self._known[stream] = newest
        while len(self._known) > KEPT:
            self._known.pop(next(iter(self._known)))


def _order_of(command: OpinionCommand, meeting: Meeting, by: By) -> str:
    """The chair decides; the secretary taps."""
    on_order = command.for_chair and Role.SECRETARY in by.roles and not by.roles & (DESK - {Role.ACTING})
    return meeting.chair if on_order else ""


def stream_of(meeting_id: str) -> StreamId:
    """The stream of a meeting's book."""
    return StreamId(f"opinions:{meeting_id}")
