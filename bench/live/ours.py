"""Our live door on uvloop, one event a line of standard input.

Arguments: "wire" hands each event to the door as the log does after a commit; "log" appends it through the real
`Streams` first, flushed to SQLite. Then a folder, and perhaps a certificate and a key.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import uuid

import msgspec
import uvloop
from aiohttp import web

from server.bus import LocalBus
from server.callers import Limits
from server.clock import SystemClock
from server.db import Database, metadata
from server.doors import Entrance
from server.http import Visitor
from server.live import Live
from server.streams import Answer, Decision, Entry, NewEvent, StreamId, Streams, Turn

STREAM = StreamId("meeting:1")


class Pages:
    """A meeting that only turns pages."""

    kind = "meeting"

    async def admit(self, visitor: Visitor, stream: StreamId) -> None: ...

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        return 0, b"{}"

    def audience(self, entry: Entry) -> frozenset[str] | None:
        return None

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        return Answer(ok=True, now=0)

    def may_hint(self, visitor: Visitor, stream: StreamId, kind: str) -> bool:
        return False

    def digest(self, stream: StreamId) -> tuple[int, str] | None:
        return None


async def redeem(ticket: str) -> Visitor | None:
    """Everybody is somebody else."""
    return Visitor(ticket, ticket, ticket)


async def lines() -> asyncio.StreamReader:
    """Standard input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def tls(arguments: list[str]) -> ssl.SSLContext | None:
    """The server's side of TLS, when a certificate and a key are given."""
    if not arguments:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*arguments)
    return context


async def serve(app: web.Application, context: ssl.SSLContext | None) -> None:
    """Listen on a free port of loopback and say which."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context, backlog=2048).start()
    print(runner.addresses[0][1], flush=True)


async def main(mode: str, folder: str, *certificate: str) -> None:
    db = Database(f"sqlite+aiosqlite:///{folder}/bench-{mode}-{uuid.uuid4().hex}.db")
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    streams = Streams(db, SystemClock())
    live = Live({"meeting": Pages()}, Entrance(redeem, lambda *_: True), streams, LocalBus(), Limits())
    app = web.Application()
    live.attach(app)
    await serve(app, tls(list(certificate)))
    version = 0
    async for _line in await lines():
        version += 1
        data = {"paper": "p1", "page": version}
        if mode == "log":
            await append(streams, data)
        else:
            raw = msgspec.Raw(json.dumps(data, separators=(",", ":")).encode())
            entry = Entry(STREAM, version, streams.clock.now(), "an", "", "page.turned", raw)
            for listener in streams.listeners:
                listener(STREAM, [entry])


async def append(streams: Streams, data: dict[str, object]) -> None:
    async def decide(_turn: Turn) -> Decision:
        return Decision([NewEvent("page.turned", data, "an")])

    await streams.perform(STREAM, "an", uuid.uuid4().hex, decide)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
