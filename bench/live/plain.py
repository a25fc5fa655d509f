"""python-socketio as it comes, one event a line of standard input. Arguments: certificate and key, or none.

What is drawn it passes on to the room; votes it keeps in memory and counts for nobody.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from typing import Any

import socketio
from aiohttp import web

from bench.live.ours import at_each_line, serve, tls


async def main(*certificate: str) -> None:
    sio = socketio.AsyncServer(
        async_mode="aiohttp", transports=["websocket"], cors_allowed_origins=[], ping_interval=5, ping_timeout=10
    )

    votes: dict[str, str] = {}

    @sio.event
    async def connect(sid: str, _environ: object, _auth: object) -> None:
        await sio.enter_room(sid, "meeting:1")

    @sio.event
    async def hint(sid: str, told: Any) -> None:
        await sio.emit("hint", [told | {"by": sid}], room="meeting:1", skip_sid=sid)

    @sio.event
    async def command(_sid: str, asked: Any) -> dict[str, Any]:
        votes[asked["command"]["mandate"]] = asked["command"]["choice"]
        return {"ok": True, "now": time.time_ns() // 1_000_000, "version": 0}

    app = web.Application()
    sio.attach(app, "live")
    await serve(app, tls(list(certificate)))
    versions, tasks = itertools.count(1), set[asyncio.Task[None]]()

    def turn() -> None:
        version = next(versions)
        event = {"stream": "meeting:1", "version": version, "at": time.time_ns() // 1_000_000, "by": "an"}
        rest = {"order_of": "", "type": "page.turned", "data": {"paper": "p1", "page": version}}
        task = asyncio.ensure_future(sio.emit("event", [event | rest], room="meeting:1"))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    await at_each_line(turn)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
