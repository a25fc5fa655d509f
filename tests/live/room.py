"""A room as small as a room can be, the house around it, and a tablet that speaks the protocol in the raw."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import aiohttp
import msgspec
from aiohttp import web

from server.bus import Bus, LocalBus, NewHints
from server.callers import Limits
from server.clock import SystemClock
from server.db import Database, metadata
from server.doors import Entrance
from server.errors import Forbidden, Refused
from server.http import Visitor
from server.live import Live
from server.streams import Answer, Decision, Entry, NewEvent, StreamId, Streams, Turn
from server.words import Passed

MEETING = StreamId("meeting:1")
HOME = "https://hop.example"


class Add(msgspec.Struct, tag="add", forbid_unknown_fields=True):
    """Count further."""

    amount: int = 1


class Whisper(msgspec.Struct, tag="whisper", forbid_unknown_fields=True):
    """Say something to some."""

    to: list[str]
    text: str


class Fail(msgspec.Struct, tag="fail", forbid_unknown_fields=True):
    """Fail, as the rules say or as nobody foresaw."""

    how: str


COMMANDS = msgspec.json.Decoder(Add | Whisper | Fail)


class CounterDoor:
    """A stream whose whole state is a number. Persons whose name begins with "x" are not admitted."""

    kind = "meeting"
    for_the_house = frozenset({"quiet"})

    def __init__(self, streams: Streams) -> None:
        self.streams = streams
        self.gate = asyncio.Event()
        self.gate.set()
        self.banned: set[str] = set()
        self.known_digest: tuple[int, str] | None = None

    async def admit(self, visitor: Visitor, stream: StreamId) -> None:
        if visitor.person.startswith("x") or visitor.person in self.banned:
            raise Forbidden("stream.forbidden")

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        entries = await self.streams.read(stream, 0)
        count = sum(json.loads(bytes(e.data))["amount"] for e in entries if e.type == "added")
        return (entries[-1].version if entries else 0), json.dumps({"count": count}).encode()

    def audience(self, entry: Entry) -> frozenset[str] | None:
        return frozenset(json.loads(bytes(entry.data))["to"]) if entry.type == "whispered" else None

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        wish = COMMANDS.decode(command)
        await self.gate.wait()
        if isinstance(wish, Fail) and wish.how == "bug":
            raise RuntimeError("unforeseen")

        async def decide(turn: Turn) -> Decision:
            if isinstance(wish, Fail):
                raise Refused("counter.no", how=wish.how)
            if isinstance(wish, Whisper):
                return Decision([NewEvent("whispered", {"to": wish.to, "text": wish.text}, visitor.person)])
            return Decision([NewEvent("added", {"amount": wish.amount}, visitor.person)])

        return await self.streams.perform(stream, visitor.person, command_id, decide)

    def may_hint(self, visitor: Visitor, stream: StreamId, kind: str) -> bool:
        return kind != "forbidden"

    def digest(self, stream: StreamId) -> tuple[int, str] | None:
        return self.known_digest


class Tickets:
    """Each ticket lets in once. A ticket is "person" or "person/session"."""

    def __init__(self) -> None:
        self.spent: set[str] = set()
        self.slow = asyncio.Event()
        self.slow.set()
        self.numbers = itertools.count()

    def fresh(self, person: str, session: str = "s") -> str:
        return f"{person}/{session}/{next(self.numbers)}"

    async def redeem(self, ticket: str) -> Visitor | None:
        if ticket in self.spent or ticket.count("/") != 2:
            return None
        self.spent.add(ticket)
        person, session, _ = ticket.split("/")
        await self.slow.wait()
        return Visitor(person, session, person.title())


class House:
    """One web process: database, streams, the counter room, the live door, on a port of loopback."""

    def __init__(self, streams: Streams, bus: Bus, limits: Limits | None) -> None:
        self.streams = streams
        self.door = CounterDoor(streams)
        self.tickets = Tickets()
        entrance = Entrance(self.tickets.redeem, lambda origin, host: origin in {HOME, f"http://{host}"})
        self.live = Live({"meeting": self.door}, entrance, streams, bus, limits)
        self.url = ""
        self.tablets: list[Tablet] = []
        self.cuts = 0

    async def tablet(self, person: str = "an", **more: Any) -> Tablet:
        """A tablet that has been let in."""
        tablet = await Tablet.open(self.url, **more)
        self.tablets.append(tablet)
        await tablet.show(self.tickets.fresh(person, more.get("session", "s")), more.get("endpoint", "ban-1"))
        return tablet

    async def give_ticket(self, _request: web.Request) -> web.Response:
        """A ticket for the tablets that fetch their own."""
        return web.Response(text=self.tickets.fresh("an"))

    async def following(self, person: str = "an", since: int = 0, **more: Any) -> Tablet:
        """A tablet that follows the meeting."""
        tablet = await self.tablet(person, **more)
        await tablet.sync(since)
        return tablet

    def hint(self, kind: str, data: Any) -> None:
        """A hint of somebody who is nowhere else, as it comes from the bus."""
        self.live._hear(NewHints(MEETING, [Passed(MEETING, kind, "cuc", data)]))

    async def add(self, amount: int = 1) -> Answer:
        """An event, without any socket."""
        return await self.door.perform(Visitor("hall", "", ""), MEETING, uuid.uuid4().hex, add(amount))


def add(amount: int = 1) -> bytes:
    return json.dumps({"type": "add", "amount": amount}).encode()


@asynccontextmanager
async def house(folder: Path, bus: Bus | None = None, limits: Limits | None = None) -> AsyncIterator[House]:
    db = Database(f"sqlite+aiosqlite:///{folder}/live.db")
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    streams = Streams(db, SystemClock())
    built = House(streams, bus or LocalBus(), limits)
    app = web.Application()
    built.live.attach(app)
    app.router.add_get("/ticket", built.give_ticket)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    built.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield built
    finally:
        for tablet in built.tablets:
            await tablet.close()
        await runner.cleanup()
        await streams.close()
        await db.close()


def _narrow_socket(address: Any) -> socket.socket:
    # A small window, so that a tablet that stops reading is felt by the server soon.
    made = socket.socket(*address[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    made.setblocking(False)
    return made


class Tablet:
    """A client that follows no library: it says exactly what it is told to and keeps all it hears."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.session = session
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self.frames: list[str] = []
        self.statuses: list[dict[str, Any]] = []
        self.hints: list[list[dict[str, Any]]] = []
        self.answers: dict[int, asyncio.Future[dict[str, Any]]] = defaultdict(asyncio.Future)
        self.greeting: asyncio.Future[str] = asyncio.Future()
        self.ended = asyncio.Event()
        self.numbers = itertools.count(1)
        self.taken = 0
        self.pings = 0
        self.is_alive = True
        """Whether pings are answered."""
        self.news = asyncio.Condition()
        self.reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, origin: str | None = HOME, **_more: Any) -> Tablet:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=_narrow_socket))
        headers = {} if origin is None else {"Origin": origin}
        try:
            socket = await session.ws_connect(
                f"{url}/live/?EIO=4&transport=websocket", headers=headers, max_msg_size=1 << 26
            )
        except BaseException:
            await session.close()
            raise
        return cls(session, socket)

    async def show(self, ticket: str, endpoint: str = "ban-1") -> str:
        """Show a ticket; the packet the server answers with."""
        await self.socket.send_str("40" + json.dumps({"ticket": ticket, "endpoint": endpoint}))
        return await asyncio.wait_for(self.greeting, 60)

    async def ask(self, word: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Say a word and wait for its answer."""
        return await asyncio.wait_for(await self.begin(word, payload), 60)

    async def begin(self, word: str, payload: dict[str, Any]) -> asyncio.Future[dict[str, Any]]:
        """Say a word; its answer comes later."""
        number = next(self.numbers)
        future = self.answers[number]
        await self.socket.send_str(f"42{number}" + json.dumps([word, payload]))
        return future

    async def command(self, type_: str = "add", id_: str = "", **fields: Any) -> dict[str, Any]:
        payload = {"stream": MEETING, "id": id_ or uuid.uuid4().hex, "command": {"type": type_, **fields}}
        return await self.ask("command", payload)

    async def sync(self, since: int = 0, stream: str = MEETING) -> dict[str, Any]:
        return await self.ask("sync", {"stream": stream, "since": since})

    async def hint(self, type_: str, data: Any, stream: str = MEETING) -> None:
        await self.socket.send_str("42" + json.dumps(["hint", {"stream": stream, "type": type_, "data": data}]))

    async def until(self, heard: Any, seconds: float = 60) -> None:
        """Wait until `heard()` is true."""
        async with self.news:
            await asyncio.wait_for(self.news.wait_for(heard), seconds)

    async def until_version(self, version: int) -> None:
        await self.until(lambda: bool(self.events) and self.events[-1]["version"] >= version)

    def stop_reading(self) -> None:
        """Be a tablet whose owner has closed its lid: the line is up, and nobody reads."""
        self.reader.cancel()
        self._line().pause_reading()

    def read_on(self) -> None:
        """Open the lid."""
        self._line().resume_reading()
        self.reader = asyncio.create_task(self._read())

    def _line(self) -> asyncio.ReadTransport:
        connection = self.socket._response.connection
        if connection is None or connection.transport is None:
            raise ConnectionError("the line has ended meanwhile")
        return cast(asyncio.ReadTransport, connection.transport)

    def versions(self) -> list[int]:
        return [event["version"] for event in self.events]

    def status(self, topic: str) -> Any:
        """The newest value of a topic."""
        return next((s["value"] for s in reversed(self.statuses) if s["topic"] == topic), None)

    async def close(self) -> None:
        self.reader.cancel()
        await self.socket.close()
        await self.session.close()

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            await self._hear(message.data)
        self.ended.set()
        async with self.news:
            self.news.notify_all()

    async def _hear(self, text: str) -> None:
        if text == "2":
            self.pings += 1
            if self.is_alive:
                await self.socket.send_str("3")
        elif text[:2] in {"40", "44"} and not self.greeting.done():
            self.greeting.set_result(text)
        elif text[:2] == "43":
            start = text.index("[")
            answer = self.answers[int(text[2:start])]
            if not answer.cancelled():
                answer.set_result(json.loads(text[start:])[0])
        elif text[:2] == "42":
            self.frames.append(text)
            word, payload = json.loads(text[2:])
            {"event": self.events.extend, "status": self.statuses.append, "hint": self.hints.append}[word](payload)
        async with self.news:
            self.news.notify_all()
