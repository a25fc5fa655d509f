"""python-socketio as it comes, one event a line of standard input. Arguments: certificate and key, or none."""

from __future__ import annotations

import asyncio
import sys
import time

import socketio
from aiohttp import web

from bench.live.ours import lines, serve, tls


async def main(*certificate: str) -> None:
    sio = socketio.AsyncServer(
        async_mode="aiohttp", transports=["websocket"], cors_allowed_origins=[], ping_interval=5, ping_timeout=10
    )

    @sio.event
    async def connect(sid: str, _environ: object, _auth: object) -> None:
        await sio.enter_room(sid, "meeting:1")

    app = web.Application()
    sio.attach(app, "live")
    await serve(app, tls(list(certificate)))
    version = 0
    async for _line in await lines():
        version += 1
        event = {"stream": "meeting:1", "version": version, "at": time.time_ns() // 1_000_000, "by": "an"}
        rest = {"order_of": "", "type": "page.turned", "data": {"paper": "p1", "page": version}}
        await sio.emit("event", [event | rest], room="meeting:1")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
