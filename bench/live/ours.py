"""Our live door alone on uvloop, one event a line of standard input, handed to it as the log does after a commit.

Arguments: a folder, and perhaps a certificate and a key. What the whole product does for an event is in `house.py`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import ssl
import sys
import uuid
from collections.abc import Callable, Container

import msgspec
import uvloop
from aiohttp import web

from server.bus import LocalBus
from server.callers import Limits
from server.clock import SystemClock
from server.crowds import give_back
from server.db import Database, metadata
from server.doors import Entrance
from server.http import Visitor
from server.live import Live
from server.pipes import BACKLOG
from server.streams import Answer, Entry, StreamId, Streams

STREAM = StreamId("meeting:1")


class Pages:
    """A meeting that only turns pages."""

    kind = "meeting"
    for_the_house: Container[str] = frozenset()

    async def admit(self, visitor: Visitor, stream: StreamId) -> None: ...

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        return 0, b"{}"

    def audience(self, entry: Entry) -> frozenset[str] | None:
        return None

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        return Answer(ok=True, now=0)

    def may_hint(self, visitor: Visitor, stream: StreamId, kind: str) -> bool:
        return True

    def digest(self, stream: StreamId) -> tuple[int, str] | None:
        return None


async def redeem(ticket: str) -> Visitor | None:
    """Everybody is somebody else."""
    return Visitor(ticket, ticket, ticket)


async def at_each_line(turn: Callable[[], None]) -> None:
    """Turn a page for each line of standard input, until it ends; read so that asking costs next to nothing."""
    over, loop = asyncio.Event(), asyncio.get_running_loop()

    def read() -> None:
        asked = os.read(sys.stdin.fileno(), 4096)
        if not asked:
            over.set()
        for _line in range(asked.count(b"\n")):
            turn()

    loop.add_reader(sys.stdin.fileno(), read)
    await over.wait()


def tls(arguments: list[str]) -> ssl.SSLContext | None:
    """The server's side of TLS, when a certificate and a key are given."""
    if not arguments:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*arguments)
    return context


async def serve(app: web.Application, context: ssl.SSLContext | None, *beside: str) -> None:
    """Listen on a free port of loopback and say which, and what else there is to know."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context, backlog=BACKLOG).start()
    give_back()  # or what the start has freed would be counted in favour of the tablets later
    print(runner.addresses[0][1], *beside, flush=True)


async def main(folder: str, *certificate: str) -> None:
    db = Database(f"sqlite+aiosqlite:///{folder}/bench-{uuid.uuid4().hex}.db")
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    streams = Streams(db, SystemClock())
    live = Live({"meeting": Pages()}, Entrance(redeem, lambda *_: True), streams, LocalBus(), Limits())
    app = web.Application()
    live.attach(app)
    await serve(app, tls(list(certificate)))
    versions = itertools.count(1)

    def turn() -> None:
        version = next(versions)
        data = msgspec.Raw(b'{"page":%d,"paper":"p1"}' % version)
        entry = Entry(STREAM, version, streams.clock.now(), "an", "", "page.turned", data)
        for listener in streams.listeners:
            listener(STREAM, [entry])

    await at_each_line(turn)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
