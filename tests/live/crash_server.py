"""A web process that is there to be killed: the counter room on SQLite, and tickets for whoever asks."""

from __future__ import annotations

import json

from aiohttp import web

from server.bus import LocalBus
from server.clock import SystemClock
from server.db import Database
from server.doors import Entrance
from server.http import Visitor
from server.live import Live
from server.streams import Answer, Decision, NewEvent, StreamId, Streams, Turn
from tests.live.room import CounterDoor


class NotingDoor(CounterDoor):
    """Writes the id of the command into its event, so that one can see whether it was carried out twice."""

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        amount = json.loads(command)["amount"]

        async def decide(_turn: Turn) -> Decision:
            return Decision([NewEvent("added", {"amount": amount, "of": command_id}, visitor.person)])

        return await self.streams.perform(stream, visitor.person, command_id, decide)


async def redeem(ticket: str) -> Visitor | None:
    return Visitor(ticket, ticket, ticket)


def serve(database: str, port: int) -> None:
    """Serve until killed."""
    db = Database(database)
    streams = Streams(db, SystemClock())
    live = Live({"meeting": NotingDoor(streams)}, Entrance(redeem, lambda *_: True), streams, LocalBus())
    app = web.Application()
    live.attach(app)
    web.run_app(app, host="127.0.0.1", port=port, print=None, reuse_address=True)
