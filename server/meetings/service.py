"""The meeting's verbs: perform a command, tell how a meeting stands, list somebody's meetings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from server.clock import Clock, Millis
from server.db import Connection, Database
from server.entries import every_entry
from server.errors import NotFound
from server.meetings import store, views
from server.meetings.acts import (
    RUNNING,
    By,
    Card,
    Command,
    Event,
    Moment,
    RoomPlan,
    Row,
    decide,
    fold,
    order_of,
    read_event,
    tag_of,
    write_event,
)
from server.meetings.ledger import Ledger, Safeguards
from server.meetings.meeting import Meeting
from server.meetings.roles import Role
from server.meetings.rules import Rules
from server.meetings.standing import Standings
from server.streams import Answer, Decision, Entry, NewEvent, StreamId, Streams, Turn
from server.together import Together

Cards = Callable[[Iterable[str]], Awaitable[Mapping[str, Card]]]
"""What is known of these people; those unknown are left out."""

Rooms = Callable[[str], Awaitable[RoomPlan | None]]
"""The plan of a room in use; None when there is none."""

GATHER_S = 0.01
"""How long the next ones of a crowd that asks how a meeting stands are waited for."""
KEPT_EVERY = 16
"""Events after which the folded state is kept again: at most so many are folded when a process starts."""


def blank(meeting_id: str) -> Meeting:
    """The meeting before its first event: what its log is folded onto."""
    return Meeting(meeting_id, "–", Rules(kind="none", name=""))


class Around(msgspec.Struct, frozen=True):
    """What the meetings ask of the rest of the house."""

    cards: Cards
    is_connected: Callable[[str, str], bool]
    """Whether some device of this person (second) is connected to this meeting (first)."""
    kinds: Sequence[Rules] = ()
    safe: Safeguards = Safeguards()
    is_at_shared: Callable[[str, str], bool] = lambda _meeting, _person: False
    """Whether this person (second) is connected to this meeting (first) by shared tablets alone."""
    room: Rooms | None = None
    """The plans of the province's rooms."""


class Asker(msgspec.Struct, frozen=True):
    """Who asks, as far as the meeting cares: a person or a site, with the offices held outside any meeting."""

    person: str
    unit: str = ""
    offices: frozenset[str] = frozenset()
    session: str = ""
    """Where they are signed in; empty for the house itself."""


INVITED = {
    "site": {Role.SITE},
    "guest": {Role.GUEST, Role.DELEGATE, Role.PRESENTER},
    "seat": {Role.GUEST, Role.DELEGATE, Role.PRESENTER},
}
"""What whoever came in by an invitation, or at a shared tablet, can be at most: nobody steers a meeting by a code."""

HOUSE = Asker("house", offices=frozenset({"house"}))
"""The house itself: what the software does on its own account."""


class Listing(msgspec.Struct, frozen=True):
    """A meeting in somebody's list."""

    id: str
    title: str
    kind: str
    phase: str
    host: str
    starts_at: Millis
    ends_at: Millis
    version: int


class Meetings:
    """All meetings. State is cached per stream and brought up to the log under the stream's lock."""

    def __init__(
        self,
        db: Database,
        streams: Streams,
        clock: Clock,
        around: Around,
    ) -> None:
        self.db = db
        self.streams = streams
        self.clock = clock
        self.around = around
        self.kinds = {rules.kind: rules for rules in around.kinds}
        self.ledger = Ledger(db, clock, around.safe)
        self.on_vote: list[Callable[[str, str], None]] = []
        """Called with meeting and ballot after a vote is kept, or somebody is ready for one."""
        self._reading = Together(self._read, GATHER_S)
        self.standings = Standings(self.standing)
        self.on_change = self.standings.on_change
        """Called with the state before and after, after every commit that changed it."""
        self.recorder: Callable[[], str] = lambda: "absent"
        """Whether a recording could begin: ready, absent, full (see `Moment`)."""
        self.follow, self.forget = self.standings.follow, self.standings.forget
        self.catch_up = self.standings.catch_up

    async def perform(self, meeting_id: str, asker: Asker, command_id: str, command: Command) -> Answer:
        """Decide the command, keep what follows, then answer; see `Streams.perform`."""
        needs = command.needs()
        wanted = {*needs.people, *((asker.person,) if needs.creator else ())}
        people = await self.around.cards(wanted) if wanted else {}
        room = await self.around.room(needs.room) if needs.room and self.around.room else None
        proved = not needs.proof or await self.ledger.proved(asker.session)

        async def decision(turn: Turn) -> Decision:
            if not turn.version and not needs.creator:
                raise NotFound("meeting.unknown")
            before = await self._standing_in(turn, meeting_id)
            chosen, box, voted = await self.ledger.looked_up(turn.connection, needs)
            connected = bool(before.chair) and self.around.is_connected(meeting_id, before.chair)
            joined = bool(needs.line_of) and self.around.is_connected(meeting_id, needs.line_of)
            at_shared = joined and self.around.is_at_shared(meeting_id, needs.line_of)
            moment = Moment(
                turn.now,
                self.clock.fresh_id,
                people,
                chosen,
                connected,
                self.kinds,
                joined,
                self.recorder(),
                room=room,
                box=box,
                voted=voted,
                proved=proved,
                at_shared=at_shared,
            )
            by = By(asker.person, roles(before, asker))
            acts = decide(command, before, by, moment)
            return await self._keep(turn, before, (by.person, order_of(command, before, by)), acts)

        return await self.streams.perform(stream_of(meeting_id), asker.person, command_id, decision)

    async def standing(self, meeting_id: str) -> tuple[int, Meeting]:
        """The newest version and the meeting; `NotFound("meeting.unknown")`."""
        version, meeting = await self._reading.ask(meeting_id)
        if not version:
            raise NotFound("meeting.unknown")
        return self.standings.remember(stream_of(meeting_id), (version, meeting))

    async def _read(self, meeting_ids: Sequence[str]) -> list[tuple[int, Meeting]]:
        """How these meetings stand, each read once however many ask."""
        async with self.db.reading() as connection:
            found = {one: await self.caught_up(connection, one) for one in dict.fromkeys(meeting_ids)}
        return [found[one] for one in meeting_ids]

    def at_hand(self, meeting_id: str) -> tuple[int, Meeting] | None:
        """The newest state this process has seen, without asking the database."""
        return self.standings.of(stream_of(meeting_id))

    async def seen_by(self, meeting_id: str, asker: Asker) -> tuple[int, Meeting]:
        """The meeting as the asker may see it; `NotFound` or `Forbidden` when they may not see it at all."""
        version, meeting = await self.admitted(meeting_id, asker)
        return version, views.view(meeting, asker.person)

    async def admitted(self, meeting_id: str, asker: Asker) -> tuple[int, Meeting]:
        """The whole meeting, provided the asker may see it at all, else as `seen_by`; it is not yet as they see it."""
        version, meeting = await self.standing(meeting_id)
        views.admit(meeting, roles(meeting, asker))
        return version, meeting

    async def listed(self, asker: Asker) -> list[Listing]:
        """The asker's meetings, newest first; a draft only for its secretaries, who made it, and its named chair."""
        everything = "system" in asker.offices
        async with self.db.reading() as connection:
            rows = await store.meetings_of(connection, None if everything else asker.person)
        listings = [msgspec.convert(row, Listing) for row in rows]
        return [one for one in listings if one.phase != "draft" or await self._prepares(one.id, asker.person)]

    async def _prepares(self, meeting_id: str, person: str) -> bool:
        _, meeting = await self.standing(meeting_id)
        return bool(meeting.roles_of(person) & {Role.SECRETARY, Role.CHAIR})

    async def running(self) -> list[Listing]:
        """Meetings that are published and not closed: what a restarted house goes on with."""
        return await self._in(RUNNING | {"published"})

    async def over_since(self, moment: Millis) -> list[Listing]:
        """Closed meetings that were to end after this moment: to be said once more, in case whoever closed one died."""
        return await self._in(frozenset({"closed"}), moment)

    async def _in(self, phases: Collection[str], ends_after: Millis = 0) -> list[Listing]:
        async with self.db.reading() as connection:
            rows = await store.meetings_in(connection, phases, ends_after)
        return [msgspec.convert(row, Listing) for row in rows]

    async def roles_of(self, meeting_id: str, asker: Asker) -> frozenset[Role]:
        """All roles of the asker in this meeting; none when there is no such meeting."""
        try:
            _, meeting = await self.standing(meeting_id)
        except NotFound:
            return frozenset()
        return roles(meeting, asker)

    async def history(self, meeting_id: str) -> list[Entry]:
        """The whole log of the meeting."""
        async with self.db.reading() as connection:
            return [entry async for entry in every_entry(connection, stream_of(meeting_id))]

    async def _standing_in(self, turn: Turn, meeting_id: str) -> Meeting:
        if "meeting" not in turn.kept:
            known = self.standings.of(turn.stream)
            if known is None or known[0] != turn.version:
                known = await self.caught_up(turn.connection, meeting_id)
            version, meeting = known
            if version != turn.version:
                raise AssertionError(f"folded to {version}, the log is at {turn.version}")
            turn.kept["meeting"] = meeting
            turn.after_commit.append(lambda: self._remember(turn, meeting))
        meeting = turn.kept["meeting"]
        assert isinstance(meeting, Meeting)
        return meeting

    def _remember(self, turn: Turn, before: Meeting) -> None:
        self.standings.remember(turn.stream, (turn.version, turn.kept["meeting"]), before)
        for meeting_id, ballot in turn.kept.get("voted", ()):
            for told in self.on_vote:
                told(meeting_id, ballot)
        for ballot in turn.kept.get("over", ()):
            self.ledger.keys.destroy(ballot)

    async def caught_up(self, connection: Connection, meeting_id: str) -> tuple[int, Meeting]:
        """The newest version and the meeting, within somebody's transaction; version 0 when there is none."""
        stream = stream_of(meeting_id)
        known = self.standings.of(stream) or await store.load_meeting(connection, meeting_id)
        version, meeting = known or (0, blank(meeting_id))
        async for entry in every_entry(connection, stream, version):
            version, meeting = entry.version, fold(meeting, [read_event(entry.type, entry.data)])
        return version, meeting

    async def _keep(self, turn: Turn, before: Meeting, by: tuple[str, str], acts: Sequence[Event | Row]) -> Decision:
        person, order_of = by
        events = [act for act in acts if isinstance(act, Event)]
        rows = [act for act in acts if isinstance(act, Row)]
        statements = await self.ledger.keep(turn.connection, before.id, rows)
        turn.kept.setdefault("voted", set()).update((before.id, ballot) for ballot in self.ledger.voting(rows))
        turn.kept.setdefault("over", set()).update(self.ledger.over(rows))
        if events:
            after = turn.kept["meeting"] = fold(before, events)
            version = turn.version + len(events)
            if version // KEPT_EVERY > turn.version // KEPT_EVERY or store.listed(before) != store.listed(after):
                statements.append(store.keep_meeting(self.db, after, version))
            statements += store.keep_people(self.db, before, after)
        return Decision([NewEvent(tag_of(e), write_event(e), person, order_of) for e in events], statements)


def stream_of(meeting_id: str) -> StreamId:
    """The meeting's stream."""
    return StreamId(f"meeting:{meeting_id}")


def roles(meeting: Meeting, asker: Asker) -> frozenset[Role]:
    """All roles of the asker here: those of the meeting, and those that follow from their offices."""
    held = set(meeting.roles_of(asker.person))
    for kind in asker.offices & INVITED.keys():
        held &= INVITED[kind]
    new = not meeting.members
    if "house" in asker.offices:
        held.add(Role.SYSTEM)
    if "system" in asker.offices:
        held.add(Role.SYSTEM_ADMIN)
    if "unit" in asker.offices and (new or meeting.host == asker.unit):
        held.add(Role.UNIT_ADMIN)
    if "secretary" in asker.offices and new:
        held.add(Role.SECRETARY)
    return frozenset(held)
