"""Streams of events: dense versions, each row chained to the one before, appended exactly once.

Everything that must not be lost goes through `Streams.perform`: under the stream's row lock a command is decided, its
events, rows and receipt are written in one transaction, and only after the commit is anybody told. Commands that wait
together are committed together (group commit), because flushing to disk is what costs.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NewType

import msgspec
from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, bindparam, select, update
from sqlalchemy.sql.expression import Executable

from server.canonical import canonical
from server.clock import Clock, Millis
from server.db import Connection, Database, metadata
from server.deadlines import in_time
from server.errors import Problem
from server.listeners import tell_all
from server.receipts import Answer as Answer  # noqa: PLC0414 - it belongs to what streams offer
from server.receipts import keep_receipts, known_receipts, old_receipts, refusal

log = logging.getLogger("hopso.streams")

StreamId = NewType("StreamId", str)
"""`kind:…`, for example `meeting:0197…`, `ink:<paper version>`, `minutes:<meeting>`."""

GENESIS = "0" * 64
"""What the first event of every stream is chained to."""

LARGEST_BATCH, MOST_REMEMBERED, BEFORE_FIRST = 256, 1000, -1 << 31

streams = Table(
    "streams",
    metadata,
    Column("stream", String(120), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("head", String(64), nullable=False),
)
_NAMED = streams.c.stream.in_(bindparam("names", expanding=True))
_LOCKED = select(streams).where(_NAMED).order_by(streams.c.stream).with_for_update()
stream_events = Table(
    "stream_events",
    metadata,
    Column("stream", String(120), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("by", String(64), nullable=False),
    Column("order_of", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("data", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)


class NewEvent(msgspec.Struct, frozen=True):
    """Something decided, not yet numbered. `data` holds integers, strings, lists and maps of them."""

    type: str
    data: Any
    by: str
    order_of: str = ""
    """The member for whom `by` acted ("điều hành thay"); empty when they acted for themselves."""


class Entry(msgspec.Struct, frozen=True):
    """One event as it is stored, sent and chained."""

    stream: StreamId
    version: int
    at: Millis
    by: str
    order_of: str
    type: str
    data: msgspec.Raw


class Decision(msgspec.Struct, frozen=True):
    """What a command yields: events for the stream, statements for rows beside it."""

    events: Sequence[NewEvent] = ()
    statements: Sequence[Executable] = ()


class Turn:
    """What a decision may look at. It writes nothing itself: it returns a `Decision`."""

    def __init__(self, connection: Connection, stream: StreamId, now: Millis) -> None:
        self.connection = connection
        self.stream = stream
        self.now = now
        self.version = 0
        self.head = GENESIS
        self.kept: dict[str, Any] = {}
        """What earlier decisions of this transaction left for later ones (the state they folded)."""
        self.after_commit: list[Callable[[], None]] = []


Decide = Callable[[Turn], Awaitable[Decision]]
Listener = Callable[[StreamId, Sequence[Entry]], None]


class _Waiting(msgspec.Struct):
    stream: StreamId
    by: str
    command_id: str
    decide: Decide
    answer: asyncio.Future[Answer]


class Streams:
    """Appends to streams and reads them; tells listeners after each commit, in order."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self.listeners: list[Listener] = []
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue(maxsize=10_000)
        self._committer: asyncio.Task[None] | None = None
        self._begun: set[StreamId] = set()  # they have their row

    async def perform(self, stream: StreamId, by: str, command_id: str, decide: Decide) -> Answer:
        """Decide and append, at most once per (`by`, `command_id`); a repeated id gets the first answer again.

        Refusals are answers (and receipts), not exceptions. Returns only after the commit.
        """
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_forever(), name="group commit")
        waiting = _Waiting(stream, by, command_id, in_time(decide), asyncio.get_running_loop().create_future())
        await self._queue.put(waiting)
        return await asyncio.shield(waiting.answer)

    async def close(self) -> None:
        """Finish what was asked for, then stop. A commit under way is never cancelled in its middle."""
        if self._committer is not None and not self._committer.done():
            await self._queue.put(None)
            await asyncio.gather(self._committer, return_exceptions=True)

    async def head(self, stream: StreamId) -> int:
        """The stream's newest version; 0 when nothing has happened in it."""
        async with self.db.reading() as connection:
            found = await connection.execute(select(streams.c.version).where(streams.c.stream == stream))
            return found.scalar_one_or_none() or 0

    async def names(self) -> list[StreamId]:
        """All streams there are."""
        async with self.db.reading() as connection:
            return list(await connection.scalars(select(streams.c.stream).order_by(streams.c.stream)))

    async def read(self, stream: StreamId, since: int, limit: int = 5000) -> list[Entry]:
        """The events after version `since`, oldest first, at most `limit`."""
        async with self.db.reading() as connection:
            return await read_entries(connection, stream, since, limit)

    async def verify(self, stream: StreamId) -> int | None:
        """The first version whose hash or number does not fit the chain, or None when all is whole."""
        async with self.db.reading() as connection:
            return await _first_broken(connection, stream)

    async def forget_receipts(self) -> None:
        """Drop receipts older than 48 hours: no client retries for that long."""
        async with self.db.writing() as connection:
            await connection.execute(old_receipts(self.clock.now()))

    async def _commit_forever(self) -> None:
        while (first := await self._queue.get()) is not None:
            batch = [first]
            while len(batch) < LARGEST_BATCH and (following := self._next_waiting()) is not None:
                batch.append(following)
            try:
                await self._commit(batch)
            except Exception:
                self._begun.clear()
                await self._commit_singly(batch)

    def _next_waiting(self) -> _Waiting | None:
        """Who else waits already; None when nobody does. The end stays in the queue for the loop to find."""
        if self._queue.empty():
            return None
        waiting = self._queue.get_nowait()
        if waiting is None:
            self._queue.put_nowait(None)
        return waiting

    async def _commit_singly(self, batch: list[_Waiting]) -> None:
        """One command's failure must not cost the others of its batch their answer."""
        for waiting in batch:
            try:
                await self._commit([waiting])
            except Problem as error:  # what it wanted to write cannot be stored, nor a receipt of it
                _settle(waiting, refusal(error, self.clock.now()))
            except Exception:
                incident = self.clock.fresh_id()
                log.exception("incident %s in stream %s", incident, waiting.stream)
                _settle(waiting, Answer(ok=False, now=self.clock.now(), code="bug", details={"incident": incident}))

    async def _commit(self, batch: list[_Waiting]) -> None:
        async with self.db.writing() as connection:
            turns = await self._lock(connection, batch)
            known = await known_receipts(connection, [(waiting.by, waiting.command_id) for waiting in batch])
            appended, fresh = list[Entry](), dict[tuple[str, str], Answer]()
            for waiting in batch:
                key = (waiting.by, waiting.command_id)
                if key not in known:
                    known[key] = fresh[key] = await self._decide(waiting, turns[waiting.stream], appended)
            await keep_receipts(connection, fresh)
        self._begun = {*turns, *self._begun} if len(self._begun) < MOST_REMEMBERED else {*turns}
        for turn in turns.values():
            tell_all(turn.after_commit, turn.stream)
        self._tell(appended)
        for waiting in batch:
            _settle(waiting, known[(waiting.by, waiting.command_id)])

    async def _lock(self, connection: Connection, batch: list[_Waiting]) -> dict[StreamId, Turn]:
        # Sorted, so that two processes never wait for each other's rows crosswise.
        if not self._begun.issuperset(names := sorted({waiting.stream for waiting in batch})):
            fresh = [{"stream": name, "version": 0, "head": GENESIS} for name in names]
            await connection.execute(self.db.insert_or_ignore(streams, fresh))
        turns: dict[StreamId, Turn] = {}
        for row in await connection.execute(_LOCKED, {"names": names}):
            turn = turns[StreamId(row.stream)] = Turn(connection, StreamId(row.stream), self.clock.now())
            turn.version, turn.head = row.version, row.head
        return turns

    async def _decide(self, waiting: _Waiting, turn: Turn, appended: list[Entry]) -> Answer:
        turn.now = self.clock.now()
        try:
            decision = await waiting.decide(turn)
        except Problem as error:
            return refusal(error, turn.now, turn.version)
        appended += await _append(turn, decision)
        return Answer(ok=True, now=turn.now, version=turn.version)

    def _tell(self, appended: list[Entry]) -> None:
        by_stream: dict[StreamId, list[Entry]] = {}
        for entry in appended:
            by_stream.setdefault(entry.stream, []).append(entry)
        for stream, entries in by_stream.items():
            tell_all((partial(listener, stream, entries) for listener in self.listeners), stream)


def chained(previous: str, entry: Entry) -> str:
    """The hash of an event row: SHA-256 over the hash before it and the event's canonical JSON."""
    return hashlib.sha256(previous.encode() + canonical(msgspec.json.decode(msgspec.json.encode(entry)))).hexdigest()


async def read_entries(connection: Connection, stream: StreamId, since: int, limit: int = 5000) -> list[Entry]:
    """As `Streams.read`, inside the caller's transaction."""
    return [_entry(row) for row in await _page_of(connection, stream, since, limit)]


async def _page_of(connection: Connection, stream: StreamId, since: int, limit: int = 5000) -> Sequence[Any]:
    wanted = select(stream_events).where(stream_events.c.stream == stream, stream_events.c.version > since)
    return (await connection.execute(wanted.order_by(stream_events.c.version).limit(limit))).all()


async def _first_broken(connection: Connection, stream: StreamId) -> int | None:
    head, version = GENESIS, 0
    while rows := await _page_of(connection, stream, version or BEFORE_FIRST):
        for row in rows:
            version, head = version + 1, chained(head, _entry(row))
            if row.version != version or row.hash != head:
                return version
    stored = (await connection.execute(select(streams).where(streams.c.stream == stream))).first()
    return None if stored is None or (stored.version, stored.head) == (version, head) else version + 1


def _entry(row: Any) -> Entry:
    data = msgspec.Raw(row.data.encode())
    return Entry(StreamId(row.stream), row.version, row.at, row.by, row.order_of, row.type, data)


async def _append(turn: Turn, decision: Decision) -> list[Entry]:
    entries, rows = list[Entry](), list[dict[str, Any]]()
    for event in decision.events:
        turn.version += 1
        data = msgspec.Raw(canonical(event.data))
        entry = Entry(turn.stream, turn.version, turn.now, event.by, event.order_of, event.type, data)
        turn.head = chained(turn.head, entry)
        entries.append(entry)
        rows.append(msgspec.structs.asdict(entry) | {"data": bytes(data).decode(), "hash": turn.head})
    if rows:
        await turn.connection.execute(stream_events.insert(), rows)
        moved = update(streams).where(streams.c.stream == turn.stream)
        await turn.connection.execute(moved.values(version=turn.version, head=turn.head))
    for statement in decision.statements:
        await turn.connection.execute(statement)
    return entries


def _settle(waiting: _Waiting, answer: Answer) -> None:
    if not waiting.answer.done():
        waiting.answer.set_result(answer)
